import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { MNT_DETACH } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { openStore } from "../open-store.ts";
import type { ByteStream, Store } from "../store.ts";

/** A store in a directory of its own. */
export interface TempStore {
  readonly directory: string;
  readonly store: Store;
  /** Opens the same store once more, as another process would. */
  reopen(): Store;
  /** Unmounts and deletes everything. */
  remove(): void;
}

/** True where overlay can be mounted: tests that mount are skipped elsewhere. */
export const isRoot = process.getuid?.() === 0;

/** Makes a store below `parent` (the system's temporary directory unless told). */
export function tempStore(
  options: { readonly driver?: string; readonly parent?: string; readonly pullOptions?: readonly string[] } = {},
): TempStore {
  const directory = fs.mkdtempSync(path.join(options.parent ?? os.tmpdir(), "store-test-"));
  const open = (): Store =>
    openStore({
      graphRoot: path.join(directory, "graph"),
      runRoot: path.join(directory, "run"),
      driver: options.driver ?? "overlay",
      driverOptions: [],
      pullOptions: options.pullOptions ?? [],
      config: {
        driver: "",
        graphRoot: directory,
        runRoot: directory,
        driverOptions: [],
        autoUserns: { user: "containers", least: 1024, most: 65536 },
      },
    });
  return {
    directory,
    store: open(),
    reopen: open,
    remove: () => {
      unmountBelow(directory);
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Unmounts all that is mounted below a directory. */
export function unmountBelow(directory: string): void {
  for (const line of fs.readFileSync("/proc/self/mountinfo", "utf8").split("\n").reverse()) {
    const target = line.split(" ")[4];
    if (target?.startsWith(`${directory}/`)) linuxSys().umount2(target, MNT_DETACH);
  }
}

/** A file, buffer or list of buffers as a stream in pieces of the given size. */
export async function* bytesOf(source: string | Uint8Array, size = 1 << 20): ByteStream {
  const bytes = typeof source === "string" ? fs.readFileSync(source) : source;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** All of a stream. */
export async function collect(stream: ByteStream): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** Runs a program of the test machine and returns its standard output. */
export function sh(file: string, args: readonly string[], options: { readonly cwd?: string } = {}): string {
  return execFileSync(file, [...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], ...options });
}
