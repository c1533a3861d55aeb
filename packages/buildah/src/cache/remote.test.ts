import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { scratchConfig } from "../working-container/image-config.ts";
import { cacheKey, parseCacheRepositories } from "./remote.ts";

const step = { createdBy: "/bin/sh -c echo", addsLayer: true, format: "oci" } as const;
const sum = (text: string): string => createHash("sha256").update(text).digest("hex");

it("names a step on nothing by itself", () => {
  const base = { config: scratchConfig(undefined), fromImageId: "", imageManifestText: "" };
  expect(cacheKey(base, step)).toBe(sum("true/bin/sh -c echo\n\n"));
});

it("names a step by all that is below it", () => {
  const history = [{ createdBy: "one", created: "2026-01-02T03:04:05.6Z", emptyLayer: false }];
  const config = { ...scratchConfig(undefined), diffIds: ["sha256:aa"], history };
  const base = { config, fromImageId: "id", imageManifestText: '{"mediaType":"type"}' };
  const below = "sha256:aa\ntrue/bin/sh -c echo\ntype\none\n\n\n2026-01-02 03:04:05.6 +0000 UTC\nfalse\n";
  expect(cacheKey(base, step)).toBe(sum(below));
});

it("takes repositories without tags", () => {
  expect(parseCacheRepositories("cache-to", ["localhost:5000/cache"])).toEqual(["localhost:5000/cache"]);
  expect(() => parseCacheRepositories("cache-to", ["localhost:5000/cache:tag"])).toThrow("--cache-to");
});
