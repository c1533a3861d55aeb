import type { ByteStream } from "../transports/transport.ts";

/** What the copy pipeline needs of encryption; the code behind it, with its cryptography, is loaded when keys are given. */

/** Ends the media type of an encrypted layer. */
export const ENCRYPTED_SUFFIX = "+encrypted";
/** Begins the names of all annotations that tell how a layer was encrypted, and for whom. */
const ANNOTATION_PREFIX = "org.opencontainers.image.enc.";

export type Annotations = Readonly<Record<string, string>>;

export interface LayerEncryptor {
  /** The stream encrypted under a new key; `annotations` may be asked for when the stream has ended. `digest` is the plain blob's. */
  encrypt(stream: ByteStream, digest: string): { readonly stream: ByteStream; annotations(): Promise<Annotations> };
}

export interface LayerDecryptor {
  /**
   * The stream decrypted, with the key that the layer's annotations wrap for one of ours.
   *
   * @throws denied when none of our keys opens it; the stream itself throws corrupt at its end when the layer was altered
   */
  decrypt(stream: ByteStream, annotations: Annotations): Promise<ByteStream>;
}

/** Which layers are to be encrypted, and how. */
export interface EncryptionChoice {
  readonly encryptor: LayerEncryptor;
  /** Indices from the base layer, negative ones from the top; none means all. */
  readonly layers: readonly number[];
}

export function isEncrypted(mediaType: string | undefined): boolean {
  return mediaType?.endsWith(ENCRYPTED_SUFFIX) === true;
}

export function decryptedType(mediaType: string): string {
  return isEncrypted(mediaType) ? mediaType.slice(0, -ENCRYPTED_SUFFIX.length) : mediaType;
}

/** The annotations without those about encryption. */
export function plainAnnotations(annotations: Annotations | undefined): Annotations {
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([name]) => !name.startsWith(ANNOTATION_PREFIX)));
}
