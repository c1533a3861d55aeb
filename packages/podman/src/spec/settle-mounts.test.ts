import { describe, expect, it } from "vitest";
import type { ContainerSpec, VolumeSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-config.ts";
import { settleMounts } from "./settle-mounts.ts";

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
  it("know an image by its id from then on", () => {
    const image = (source: string): VolumeSpec => ({ type: "image", source, target: "/i/", readWrite: false });
    expect(settle(image("known"))).toMatchObject([{ imageId: "a".repeat(64), target: "/i" }]);
    expect(() => settle(image("other"))).toThrow("other: image not known");
  });
});
