import type { TarEntry, TarSink } from "../archive/tar-entry.ts";
import { describeEntry, type TocEntry } from "./toc.ts";

/**
 * Makes a table of contents for an archive that came without one: whole files by digest, without places in a blob. By it later layers find the files
 * of this one (`convert_images`).
 */
export class TocCollector implements Omit<TarSink, "raw"> {
  #lines: string[] | undefined = [];
  #entry: TocEntry | undefined;
  #hash: Bun.CryptoHasher | undefined;

  entry(entry: TarEntry): void {
    this.#entry = describeEntry(entry);
    this.#hash = undefined;
    if (this.#entry === undefined) this.#lines = undefined;
  }

  data(bytes: Uint8Array): void {
    if (this.#lines === undefined) return;
    this.#hash ??= new Bun.CryptoHasher("sha256");
    this.#hash.update(bytes);
  }

  endEntry(): void {
    if (this.#entry === undefined) return;
    const digest = this.#hash === undefined ? {} : { digest: `sha256:${this.#hash.digest("hex")}` };
    this.#lines?.push(JSON.stringify({ ...this.#entry, ...digest }));
  }

  /** The table; undefined for an archive that it has no words for. */
  json(): Uint8Array | undefined {
    return this.#lines === undefined ? undefined : Buffer.from(`{"version":1,"entries":[${this.#lines.join(",")}]}`);
  }
}
