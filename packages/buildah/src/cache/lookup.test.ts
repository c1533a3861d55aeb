import { expect, it } from "vitest";
import { type ImageConfig, scratchConfig } from "../working-container/image-config.ts";
import { extendsBase } from "./lookup.ts";

const base: ImageConfig = { ...scratchConfig(), diffIds: ["sha256:1"], history: [{ createdBy: "a", created: "t", emptyLayer: false }] };
const step = { createdBy: "b", emptyLayer: false };
const candidate: ImageConfig = { ...base, diffIds: ["sha256:1", "sha256:2"], history: [...base.history, step] };

it("accepts the base and exactly the step", () => {
  expect(extendsBase(base, candidate, { createdBy: "b", addsLayer: true })).toBe(true);
});

it("refuses anything else", () => {
  expect(extendsBase(base, candidate, { createdBy: "c", addsLayer: true })).toBe(false);
  expect(extendsBase(base, candidate, { createdBy: "b", addsLayer: false })).toBe(false);
  expect(extendsBase(base, { ...candidate, diffIds: ["sha256:9", "sha256:2"] }, { createdBy: "b", addsLayer: true })).toBe(false);
  expect(
    extendsBase({ ...base, history: [{ createdBy: "a", created: "other", emptyLayer: false }] }, candidate, {
      createdBy: "b",
      addsLayer: true,
    }),
  ).toBe(false);
  expect(extendsBase(base, { ...candidate, history: [...candidate.history, step] }, { createdBy: "b", addsLayer: true })).toBe(false);
});
