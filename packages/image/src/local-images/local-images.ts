import type { Store } from "@containers/storage/store";
import type { ProgressSink } from "../copy/progress.ts";
import type { RegistryAccess } from "../transports/transport.ts";

/** What the operations on local images work with: an open store, and how registries are reached. */
export interface LocalImages {
  readonly store: Store;
  readonly registry: RegistryAccess;
  readonly signal?: AbortSignal;
  /** The file of `--signature-policy`; undefined for the usual search. */
  readonly policyPath?: string;
  /** Keys that open encrypted layers of what comes into the store, as `--decryption-key` names them. */
  readonly decryptionKeys?: readonly string[];
  /** Directory where blobs that come or are made are kept, and looked for when an image is pushed. */
  readonly blobCache?: string;
  /** Directory for large temporary files; default $TMPDIR or /var/tmp. */
  readonly temporaryDirectory?: string;
  /** How many blobs are copied at once; the default is the copy's own. */
  readonly parallelCopies?: number;
  /** Milliseconds between attempts where the caller names none; without it 1 s, 2 s, 4 s, … */
  readonly retryDelay?: number;
  /** Compression of containers.conf, for pushes that ask for none. */
  compressionDefaults?(): Promise<{ readonly format?: string | undefined; readonly level?: number | undefined }>;
  /** Told of what helps to understand what happened and interests nobody else. */
  debug?(message: () => string): void;
  /** A new place for one copy to report to; copies are silent when it is absent (`--quiet`). */
  progress?(): ProgressSink | Promise<ProgressSink>;
  /** Told of lines that the original prints on standard error while it works (`Trying to pull …`). */
  report?(line: string): void;
  /** Told of what is not as it should be and stops nothing. */
  warn?(message: string): void;
}
