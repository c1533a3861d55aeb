import { isErrorOfKind } from "@containers/common/errors/tool-error";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomImage } from "../testing/random-image.ts";
import { guessMediaType } from "./guess-media-type.ts";
import { DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST } from "./media-types.ts";
import { parseImageConfig, parseImageManifest, parseManifest, parseManifestList } from "./parse.ts";

// The same cases in each run; PROPERTY_SEED=$RANDOM looks at others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

const readers = [parseManifest, parseImageManifest, parseManifestList, parseImageConfig, guessMediaType];
const valid = JSON.parse(new TextDecoder().decode(randomImage().manifest)) as Record<string, unknown>;

/** Everything a manifest says must be usable: digests that are digests, sizes that are sizes. */
function expectSound(bytes: Uint8Array, mediaType: string): void {
  try {
    const parsed = parseManifest(bytes, mediaType);
    if (parsed.kind !== "image") return;
    for (const { digest, size } of [parsed.config, ...parsed.layers]) {
      expect(digest).toMatch(/^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/);
      expect(Number.isSafeInteger(size) && size >= 0).toBe(true);
    }
  } catch (error) {
    if (!isErrorOfKind(error, "corrupt") && !isErrorOfKind(error, "unsupported")) throw error;
  }
}

describe("manifests", () => {
  it("of arbitrary bytes are refused as corrupt or unsupported at worst", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.json().map((text) => new TextEncoder().encode(text)),
        ),
        (bytes) => {
          for (const reader of readers) {
            try {
              reader(bytes);
            } catch (error) {
              if (!isErrorOfKind(error, "corrupt") && !isErrorOfKind(error, "unsupported")) throw error;
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("with any field replaced are refused, or sound", () => {
    const places = [
      "schemaVersion",
      "mediaType",
      "config",
      "layers",
      "config.digest",
      "config.size",
      "config.mediaType",
      "layers.0",
      "layers.0.digest",
      "layers.0.size",
      "layers.0.urls",
      "layers.0.annotations",
      "annotations",
    ];
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("sha256:x", "md5:d41d8cd98f00b204e9800998ecf8427e", "../../etc/passwd", "sha256:../../x", -1, 1e30, 0.5, "12"),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...places),
        value,
        fc.constantFrom(OCI_MANIFEST, DOCKER_MANIFEST, OCI_INDEX, ""),
        (place, replacement, mediaType) => {
          const changed = structuredClone(valid);
          const keys = place.split(".");
          const last = keys.pop() ?? "";
          const holder = keys.reduce<Record<string, unknown>>((inner, key) => inner[key] as Record<string, unknown>, changed);
          holder[last] = replacement;
          expectSound(new TextEncoder().encode(JSON.stringify(changed)), mediaType);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
