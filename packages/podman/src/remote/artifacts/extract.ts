import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import { writeFully } from "@containers/common/cli/output";
import { type FileChoice, requireOneTarget, requirePlainName } from "@containers/image/artifacts/extract-artifact";
import { TarReader } from "@containers/storage/archive/read-tar";
import type { TarEntry } from "@containers/storage/archive/tar-entry";
import type { Service } from "../service.ts";
import { exportArtifact } from "./deeds.ts";

/** Copies files of an artifact of the service to a file, or into a directory that is there, of this machine. */
export async function extractArtifact(service: Service, name: string, target: string, choice: FileChoice): Promise<void> {
  const isDirectory = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
  const stream = await exportArtifact(service, name, { ...choice, nameless: !isDirectory });
  const sink = new FileSink(target, isDirectory);
  try {
    const reader = new TarReader(sink);
    for await (const chunk of stream) reader.push(chunk);
    reader.finish();
  } finally {
    sink.close();
  }
}

/** Writes each plain file of an archive: into the directory under its name, or the only one to the target. */
class FileSink {
  readonly #target: string;
  readonly #isDirectory: boolean;
  #files = 0;
  #fd: number | undefined;

  constructor(target: string, isDirectory: boolean) {
    this.#target = target;
    this.#isDirectory = isDirectory;
  }

  raw(): void {}

  entry({ name, type }: TarEntry): void {
    if (type !== "file") return;
    this.#files += 1;
    if (!this.#isDirectory) requireOneTarget(this.#files, this.#target);
    this.#fd = openSync(this.#isDirectory ? join(this.#target, requirePlainName(name)) : this.#target, "w", 0o666);
  }

  data(bytes: Uint8Array): void {
    if (this.#fd !== undefined) writeFully(this.#fd, bytes);
  }

  endEntry(): void {
    this.close();
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }
}
