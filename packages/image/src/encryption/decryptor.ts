import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type KeyUnwrapper, PUBLIC_OPTIONS } from "./key-wrapping.ts";
import { decryptLayer } from "./layer-cipher.ts";
import type { Annotations, LayerDecryptor } from "./layer-crypt.ts";

/** Decrypts layers with the first of the unwrappers that opens their key. */
export function layerDecryptor(unwrappers: readonly KeyUnwrapper[]): LayerDecryptor {
  return {
    async decrypt(stream, annotations) {
      const secret = await unwrapKey(unwrappers, annotations);
      return decryptLayer(stream, { secret, open: Buffer.from(annotations[PUBLIC_OPTIONS] ?? "", "base64") });
    },
  };
}

async function unwrapKey(unwrappers: readonly KeyUnwrapper[], annotations: Annotations): Promise<Uint8Array> {
  const failures: string[] = [];
  let keyGiven = false;
  for (const unwrapper of unwrappers) {
    const wrapped = annotations[unwrapper.annotation];
    if (wrapped === undefined || wrapped === "") continue;
    keyGiven ||= unwrapper.hasKeys;
    const tried: string[] = [];
    // Recipients that were added later follow behind a comma.
    for (const packet of wrapped.split(",")) {
      try {
        return await unwrapper.unwrap(Buffer.from(packet, "base64"));
      } catch (error) {
        tried.push(describeError(error));
      }
    }
    failures.push(`no suitable key found for decrypting layer key: ${tried.join("; ")}`);
  }
  const complaint = keyGiven
    ? "no suitable key unwrapper found or none of the private keys could be used for decryption"
    : "missing private key needed for decryption";
  const why = failures.length === 0 ? "" : `: ${failures.join("; ")}`;
  throw new ToolError("denied", `${complaint}${why}`, { code: "decryption-key" });
}
