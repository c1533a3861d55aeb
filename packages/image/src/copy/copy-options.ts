import type { EncryptionChoice, LayerDecryptor } from "../encryption/layer-crypt.ts";
import type { ImageContext, ImageSource } from "../transports/transport.ts";
import type { ProgressSink } from "./progress.ts";
import type { CompressionChoice, CompressionFormat } from "./recompress.ts";

export interface CopyOptions {
  readonly context?: { readonly source?: ImageContext; readonly destination?: ImageContext };
  /** What to take of a manifest list: the image for the platform (default), all of it, or the list without images (`index-only`). */
  readonly multiArch?: "system" | "all" | "index-only";
  /** Manifest media type to convert to. */
  readonly format?: string;
  readonly compression?: CompressionChoice & {
    /** Overrides what the destination prefers. */
    readonly form?: "preserve" | "compress" | "decompress";
  };
  /** Layers to encrypt on the way; those that are encrypted already stay as they are. */
  readonly encryption?: EncryptionChoice;
  /** Decrypts encrypted layers on the way; without it they stay as they are. */
  readonly decryptor?: LayerDecryptor;
  /** Compressions that every platform of a list is to have: images that lack one are added beside the others. */
  readonly ensureCompressions?: readonly CompressionFormat[];
  /** Leave an image alone that a registry has just so already. */
  readonly skipPresent?: boolean;
  /** Fail rather than store bytes with other digests. */
  readonly preserveDigests?: boolean;
  readonly removeSignatures?: boolean;
  readonly progress?: ProgressSink;
  /** Decides whether the image may be used; throws denied. Called before anything is copied. */
  readonly policy?: (source: ImageSource, instance?: string) => Promise<void>;
  /** Told of what helps to understand a copy and interests nobody else. */
  readonly debug?: (message: string) => void;
  /** Makes the signatures to add over the manifest that was written; `tell` takes lines for the user. */
  readonly sign?: (manifest: Uint8Array, tell?: (line: string) => void) => Promise<readonly Uint8Array[]>;
  /** Ends the copy; what was begun at the destination is dropped. */
  readonly signal?: AbortSignal;
  /** Where hints about blobs are kept between copies; default: beside the user's store. */
  readonly blobInfoCacheDirectory?: string;
  /** Blobs at once. Default 6. */
  readonly parallel?: number;
}

export interface CopyReport {
  /** The manifest as written at the destination. */
  readonly manifest: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
  /** Digest of the config of a single image; undefined for a list. */
  readonly configDigest?: string;
}
