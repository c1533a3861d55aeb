import { wrapError } from "@containers/common/errors/tool-error";
import { type KeyWrapper, PUBLIC_OPTIONS } from "./key-wrapping.ts";
import { encryptLayer } from "./layer-cipher.ts";
import type { Annotations, LayerEncryptor } from "./layer-crypt.ts";

/** Encrypts layers for everybody whom the wrappers wrap for. */
export function layerEncryptor(wrappers: readonly KeyWrapper[]): LayerEncryptor {
  return {
    encrypt(stream, digest) {
      const layer = encryptLayer(stream, digest);
      return { stream: layer.stream, annotations: () => wrapFor(wrappers, layer.keys()) };
    },
  };
}

async function wrapFor(
  wrappers: readonly KeyWrapper[],
  keys: { readonly secret: Uint8Array; readonly open: Uint8Array },
): Promise<Annotations> {
  const annotations: Record<string, string> = {};
  try {
    for (const wrapper of wrappers) annotations[wrapper.annotation] = Buffer.from(await wrapper.wrap(keys.secret)).toString("base64");
  } catch (error) {
    throw wrapError("Unable to finalize encryption", error);
  }
  annotations[PUBLIC_OPTIONS] = Buffer.from(keys.open).toString("base64");
  return annotations;
}
