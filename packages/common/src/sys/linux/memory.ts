import { AT_FDCWD, O_RDONLY } from "../constants.ts";
import type { FileSys, MemorySys } from "../sys.ts";
import { lazyLibc } from "./binding.ts";

const MADV_DONTNEED = 4;

const libc = lazyLibc({ madvise: { args: ["u64", "u64", "i32"], returns: "i32" } });

/** What a long-lived process does about its memory. */
export function memorySys(files: Pick<FileSys, "openat2" | "read" | "close">): MemorySys {
  return {
    releaseProgramPages() {
      for (const [start, end] of programRanges(ownMappings(files), process.execPath)) libc().madvise(start, end - start, MADV_DONTNEED);
    },
  };
}

/**
 * Where a program's code and constants are mapped: the executable part, and the read-only one at the file's beginning. Neither was ever written to,
 * unlike the read-only part further on, which the loader fills in before it protects it.
 */
export function programRanges(mappings: string, program: string): ReadonlyArray<readonly [start: number, end: number]> {
  return mappings
    .split("\n")
    .filter((line) => line.endsWith(` ${program}`))
    .flatMap((line) => {
      const [range = "", access, offset] = line.split(" ");
      const [start = "", end = ""] = range.split("-");
      if (access !== "r-xp" && (access !== "r--p" || Number(offset) !== 0)) return [];
      return [[Number.parseInt(start, 16), Number.parseInt(end, 16)] as const];
    });
}

function ownMappings(files: Pick<FileSys, "openat2" | "read" | "close">): string {
  const fd = files.openat2(AT_FDCWD, "/proc/self/maps", O_RDONLY, 0, 0);
  const buffer = Buffer.allocUnsafeSlow(65536);
  let length = 0;
  for (let got = 1; got > 0 && length < buffer.length; length += got) got = files.read(fd, buffer, length, buffer.length - length);
  files.close(fd);
  return buffer.toString("latin1", 0, length);
}
