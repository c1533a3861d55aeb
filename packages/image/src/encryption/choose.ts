import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "../local-images/local-images.ts";
import type { EncryptionChoice, LayerDecryptor } from "./layer-crypt.ts";

/**
 * What `--encryption-key` and `--encrypt-layer` ask for; undefined when nothing. The keys are read now, before anything is copied.
 *
 * @param layers indices as the user wrote them; negative ones count from the top layer
 * @throws invalid-argument, not-found, unsupported
 */
export async function chooseEncryption(recipients: readonly string[], layers: readonly string[]): Promise<EncryptionChoice | undefined> {
  if (recipients.length === 0) {
    if (layers.length > 0) throw new ToolError("invalid-argument", "--encrypt-layer can only be used with --encryption-key");
    return undefined;
  }
  const indices = layers.map(layerIndex);
  try {
    const { openEncryptor } = await import("./open-keys.ts");
    return { encryptor: openEncryptor(recipients), layers: indices };
  } catch (error) {
    throw wrapError("Invalid encryption keys", error);
  }
}

/** The keys of a command's `--decryption-key`, for what it brings into the store. */
export function decryptionKeysOf(flag: unknown): Pick<LocalImages, "decryptionKeys"> {
  return Array.isArray(flag) && flag.length > 0 ? { decryptionKeys: flag.map(String) } : {};
}

/** What `--decryption-key` asks for; undefined when nothing. @throws not-found, denied */
export async function chooseDecryptor(keys: readonly string[]): Promise<LayerDecryptor | undefined> {
  if (keys.length === 0) return undefined;
  try {
    const { openDecryptor } = await import("./open-keys.ts");
    return openDecryptor(keys);
  } catch (error) {
    throw wrapError("Invalid decryption keys", error);
  }
}

function layerIndex(text: string): number {
  if (/^[+-]?\d+$/.test(text)) return Number(text);
  throw new ToolError(
    "invalid-argument",
    `invalid argument ${JSON.stringify(text)} for "--encrypt-layer" flag: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
  );
}
