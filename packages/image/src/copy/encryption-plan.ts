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
 * Whether the image can become what the keys make of it: only OCI manifests name encrypted layers, and a manifest that must stay lets no
 * layer change. Told before anything is copied.
 *
 * @throws unsupported
 */
export function checkEncryption(
  { destination, options }: { readonly destination: ImageDestination; readonly options: CopyOptions },
  manifest: ImageManifest,
  keep: string | undefined,
): void {
  const encrypted = manifest.layers.filter(({ mediaType }) => isEncrypted(mediaType));
  if (keep !== undefined) {
    const sealed = options.decryptor === undefined ? undefined : encrypted[0];
    if (sealed !== undefined) throw cannotChange(sealed.digest, "decrypted", keep);
    const plain = manifest.layers.find(
      (layer, index) => !isEncrypted(layer.mediaType) && layersToEncrypt(options.encryption, manifest.layers.length).has(index),
    );
    if (plain !== undefined) throw cannotChange(plain.digest, "encrypted", keep);
  }
  if (options.encryption === undefined && (encrypted.length === 0 || options.decryptor !== undefined)) return;
  if (options.format !== undefined && options.format !== OCI_MANIFEST) {
    throw new ToolError("unsupported", `encryption required together with format ${options.format}, which does not support encryption`);
  }
  const supported = destination.supportedManifestTypes;
  if (supported.length > 0 && !supported.includes(OCI_MANIFEST)) {
    throw new ToolError(
      "unsupported",
      `encryption required but the destination only supports MIME types [${supported.join(", ")}], none of which support encryption`,
    );
  }
}

function cannotChange(digest: string, how: string, keep: string): ToolError {
  return new ToolError("unsupported", `layer ${digest} should be ${how}, but we can't modify the manifest: ${keep}`);
}
