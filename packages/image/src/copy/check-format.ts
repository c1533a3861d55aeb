import { ToolError } from "@containers/common/errors/tool-error";
import { type EncryptionChoice, isEncrypted } from "../encryption/layer-crypt.ts";
import type { ImageManifest } from "../manifest/manifest.ts";
import { OCI_MANIFEST } from "../manifest/media-types.ts";
import type { ImageDestination } from "../transports/transport.ts";
import type { CopyOptions } from "./copy-options.ts";

/**
 * The positions of the layers to encrypt.
 *
 * @throws invalid-argument for a position that is none
 */
export function layersToEncrypt(choice: EncryptionChoice | undefined, total: number): ReadonlySet<number> {
  if (choice === undefined) return new Set();
  if (choice.layers.length === 0) return new Set(Array.from({ length: total }, (_, index) => index));
  return new Set(
    choice.layers.map((index) => {
      if (index >= total || index < -total) {
        throw new ToolError(
          "invalid-argument",
          `when choosing layers to encrypt, layer index ${index} out of range (${total} layers exist)`,
        );
      }
      return index < 0 ? index + total : index;
    }),
  );
}

/**
 * Whether the image can become what is asked for: only OCI manifests name encrypted layers and those of zstd, and a manifest that must stay lets
 * no layer change. Told before anything is copied.
 *
 * @throws unsupported
 */
export function checkFormat(copy: Asked, manifest: ImageManifest, keep: string | undefined): void {
  const { destination, options } = copy;
  if (keep !== undefined) refuseCrypt(options, manifest, keep);
  const needs = [
    ...(asksForZstd(options) ? [`compression using ${options.compression?.format}`] : []),
    ...(needsEncryption(options, manifest) ? ["encryption"] : []),
  ].join(", and ");
  if (needs === "") return;
  const lacks = needs.startsWith("compression") ? "it" : "encryption";
  if (options.format !== undefined && options.format !== OCI_MANIFEST)
    throw new ToolError("unsupported", `${needs} required together with format ${options.format}, which does not support ${lacks}`);
  const supported = destination.supportedManifestTypes;
  if (supported.length > 0 && !supported.includes(OCI_MANIFEST)) {
    const types = supported.join(", ");
    throw new ToolError(
      "unsupported",
      `${needs} required but the destination only supports MIME types [${types}], none of which support ${lacks}`,
    );
  }
}

/** Docker's manifests have no type for zstd. */
export function asksForZstd({ compression }: CopyOptions): boolean {
  return compression?.format?.startsWith("zstd") === true;
}

interface Asked {
  readonly destination: ImageDestination;
  readonly options: CopyOptions;
}

function needsEncryption(options: CopyOptions, manifest: ImageManifest): boolean {
  const stays = options.decryptor === undefined && manifest.layers.some(({ mediaType }) => isEncrypted(mediaType));
  return options.encryption !== undefined || stays;
}

function refuseCrypt(options: CopyOptions, manifest: ImageManifest, keep: string): void {
  const chosen = layersToEncrypt(options.encryption, manifest.layers.length);
  for (const [index, { digest, mediaType }] of manifest.layers.entries()) {
    const sealed = isEncrypted(mediaType);
    if (sealed ? options.decryptor === undefined : !chosen.has(index)) continue;
    throw new ToolError(
      "unsupported",
      `layer ${digest} should be ${sealed ? "decrypted" : "encrypted"}, but we can't modify the manifest: ${keep}`,
    );
  }
}
