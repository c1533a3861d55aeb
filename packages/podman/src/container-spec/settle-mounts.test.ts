import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError } from "@containers/common/errors/tool-error";
import { describe, expect, it, vi } from "vitest";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";
import { settleMounts } from "./settle-mounts.ts";
import type { VolumeSpec } from "./volume-spec.ts";

const context = {
  image: undefined,
  defaults: { volumes: [], mounts: [], imageVolumes: "anonymous" },
  findImage: (name: string) => (name === "known" ? "a".repeat(64) : undefined),
} as unknown as SettleContext;
const settle = (...volumes: VolumeSpec[]) =>
  settleMounts({ image: "i", network: {}, namespaces: {}, security: {}, resources: {}, volumes } satisfies ContainerSpec, context);
const bind = (...options: string[]): VolumeSpec => ({ type: "bind", source: "/", target: "/t", options });

describe("mounts", () => {
  it.each([
    [["O", "ro"], "can't use 'O' with other options"],
    [["O", "upperdir=/u"], "must set both `upperdir` and `workdir`"],
    [["upperdir=/u", "workdir=/w"], "need the option `O`"],
  ])("refuse %j", (options, message) => expect(() => settle(bind(...options))).toThrow(message));

  it("take an overlay with places for what is written", () => {
    expect(settle(bind("O", "upperdir=/u", "workdir=/w"))).toHaveLength(1);
  });
  it("bind what a pattern fits", () => {
    const directory = mkdtempSync(join(tmpdir(), "glob-"));
    for (const name of ["a1", "a2", "b"]) writeFileSync(join(directory, name), "");
    const glob = (pattern: string, target?: string): VolumeSpec => ({
      type: "glob",
      source: `${directory}/${pattern}`,
      ...(target === undefined ? {} : { target }),
      options: ["ro"],
    });
    expect(settle(glob("a*", "/t"))).toEqual([
      { type: "bind", source: `${directory}/a1`, target: "/t/a1", options: ["ro"] },
      { type: "bind", source: `${directory}/a2`, target: "/t/a2", options: ["ro"] },
    ]);
    expect(settle(glob("b"))).toMatchObject([{ source: `${directory}/b`, target: `${directory}/b` }]);
    expect(() => settle(glob("c*"))).toThrow(`no file paths matching glob "${directory}/c*"`);
  });
  it("say where a mount of containers.conf is wrong", () => {
    const wrong = { ...context, defaults: { ...context.defaults, mounts: ["type=zzz,dst=/x"] } };
    const spec = { image: "i", network: {}, namespaces: {}, security: {}, resources: {} } satisfies ContainerSpec;
    const failure = vi.fn(() => settleMounts(spec, wrong));
    expect(failure).toThrow("parsing containers.conf mounts");
    expect(describeError(failure.mock.results[0]?.value)).toBe('parsing containers.conf mounts: invalid filesystem type "zzz"');
  });
  it("know an image by its id from then on", () => {
    const image = (source: string): VolumeSpec => ({ type: "image", source, target: "/i/", readWrite: false });
    expect(settle(image("known"))).toMatchObject([{ imageId: "a".repeat(64), target: "/i" }]);
    expect(() => settle(image("other"))).toThrow("other: image not known");
  });
});
