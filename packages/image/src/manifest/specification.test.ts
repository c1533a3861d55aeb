import { imageConfigSchema, imageIndexSchema, imageManifestSchema } from "@containers/common/oci-spec/image-spec";
import { describe, expect, it } from "vitest";
import { parseImageConfig, parseImageManifest, parseManifestList } from "./parse.ts";

/** The quick checks of the hot path must refuse all that the specification's schemas refuse, and take all that they take. */
const digest = `sha256:${"a".repeat(64)}`;
const descriptor = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest, size: 3 };
const manifest = { schemaVersion: 2, config: descriptor, layers: [descriptor] };
const index = { schemaVersion: 2, manifests: [{ ...descriptor, platform: { os: "linux", architecture: "amd64" } }] };
const config = { os: "linux", architecture: "amd64", rootfs: { type: "layers", diff_ids: [digest] } };

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const accepts = (check: () => unknown): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

describe("manifests and configs are judged as the specification judges them", () => {
  it.each([
    ["a plain manifest", manifest],
    ["annotations", { ...manifest, annotations: { a: "b" } }],
    ["unknown keys", { ...manifest, more: [1] }],
    ["no config", { ...manifest, config: undefined }],
    ["another schema version", { ...manifest, schemaVersion: 1 }],
    ["a negative size", { ...manifest, layers: [{ ...descriptor, size: -1 }] }],
    ["half a byte", { ...manifest, layers: [{ ...descriptor, size: 0.5 }] }],
    ["a digest with a path in it", { ...manifest, layers: [{ ...descriptor, digest: "sha256:../../etc/passwd" }] }],
    ["layers that are no list", { ...manifest, layers: {} }],
    ["annotations that are no texts", { ...manifest, annotations: { a: 1 } }],
  ])("manifest: %s", (_name, value) => {
    expect(accepts(() => parseImageManifest(encode(value)))).toBe(imageManifestSchema.safeParse(JSON.parse(JSON.stringify(value))).success);
  });

  it.each([
    ["a plain index", index],
    ["no digest", { ...index, manifests: [{ size: 1 }] }],
    ["a platform that is a text", { ...index, manifests: [{ ...descriptor, platform: "linux" }] }],
  ])("index: %s", (_name, value) => {
    expect(accepts(() => parseManifestList(encode(value)))).toBe(imageIndexSchema.safeParse(value).success);
  });

  it.each([
    ["a plain config", config],
    ["a history", { ...config, history: [{ empty_layer: true }] }],
    ["a history of texts", { ...config, history: ["x"] }],
    ["a diff id that is no digest", { ...config, rootfs: { type: "layers", diff_ids: ["x"] } }],
  ])("config: %s", (_name, value) => {
    expect(accepts(() => parseImageConfig(encode(value)))).toBe(imageConfigSchema.safeParse(value).success);
  });
});
