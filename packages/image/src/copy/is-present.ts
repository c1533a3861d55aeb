import type { OneImage } from "./copy-one.ts";

/**
 * Whether the registry at the other end has this very manifest, so that nothing needs to be sent. Only asked where nothing is to be changed or signed;
 * a registry that does not answer the question is one that lacks the image.
 */
export async function isPresent(image: OneImage, { signed }: { readonly signed: boolean }): Promise<boolean> {
  const { options, destination, raw } = image;
  const { format, compression, encryption, decryptor, sign } = options;
  const changes = [encryption, decryptor, sign].some((asked) => asked !== undefined) || compression?.force === true;
  if (options.skipPresent !== true || signed || changes || (format !== undefined && format !== raw.mediaType)) return false;
  if (destination.reference.transport !== "docker") return false;
  try {
    const there = await destination.reference.openSource(options.context?.destination ?? {});
    try {
      const { bytes } = await there.manifest(image.asInstance ? image.instance : undefined);
      return Buffer.compare(bytes, raw.bytes) === 0;
    } finally {
      await there.close();
    }
  } catch {
    return false;
  }
}
