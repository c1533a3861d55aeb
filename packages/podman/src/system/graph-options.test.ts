import { expect, it } from "vitest";
import { graphOptions } from "./graph-options.ts";

it("lists every additional store, and the last of them under the option's own name", () => {
  expect(graphOptions(["overlay.imagestore=/a", "overlay.imagestore=/b", "overlay.mountopt=nodev,x=y"])).toEqual({
    "overlay.additionalImageStores": ["/a", "/b"],
    "overlay.imagestore": "/b",
    "overlay.mountopt": "nodev,x=y",
  });
});

it("knows no option in an empty one", () => {
  expect(graphOptions([""])).toEqual({});
});
