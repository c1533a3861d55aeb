/** One way to wrap a layer's key for recipients, and to open it again. */

export interface KeyWrapper {
  /** The annotation that keeps what is wrapped. */
  readonly annotation: string;
  wrap(secret: Uint8Array): Promise<Uint8Array>;
}

export interface KeyUnwrapper {
  readonly annotation: string;
  /** Whether keys that the user named are behind it; a provider may know others. */
  readonly hasKeys: boolean;
  /** @throws denied when it is wrapped for none of the keys */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

/** The annotation of a scheme: `jwe`, `pkcs7`, `pgp`, or `provider.NAME`. */
export function keysAnnotation(scheme: string): string {
  return `org.opencontainers.image.enc.keys.${scheme}`;
}

/** Where the public half stands. */
export const PUBLIC_OPTIONS = "org.opencontainers.image.enc.pubopts";
