import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { type TarItem, treeToTar } from "@containers/storage/archive/tree-to-tar";
import { walkTree } from "@containers/storage/archive/walk-tree";
import { type IgnoreRules, isIgnored } from "../containerfile/ignore-file.ts";
import { loadIgnoreRules } from "./ignore-rules.ts";
import { openContext } from "./open-context.ts";

export interface PackedContext {
  /** Where the Containerfiles are in the archive. */
  readonly containerfiles: readonly string[];
  /** The context as a tar, once. */
  readonly stream: ByteStream;
  /** Removes what was unpacked. */
  close(): void;
}

/**
 * A build context for a builder elsewhere: what the ignore file leaves of it, its Containerfiles always. Those outside of the context go in
 * under their whole path.
 */
export async function packContext(
  name: string | undefined,
  options: {
    readonly files: readonly string[];
    readonly ignoreFile?: string;
    /** Files from elsewhere that go along. */
    readonly extra?: ReadonlyArray<{ readonly name: string; readonly path: string }>;
  },
): Promise<PackedContext> {
  const context = await openContext(name, options.files);
  const aside = mkdtempSync(join(tmpdir(), "build-context-"));
  const close = (): void => {
    rmSync(aside, { recursive: true, force: true });
    context.close();
  };
  try {
    const placed = context.containerfiles.map(({ path, text }, at) => {
      const inside = insideOf(context.directory, path);
      if (inside !== undefined) return { name: inside };
      const copy = join(aside, `Containerfile${at === 0 ? "" : `.${at}`}`);
      writeFileSync(copy, text);
      return { name: copy.replace(/^\/+/, ""), copy };
    });
    const { rules } = loadIgnoreRules(context.directory, {
      ...(context.containerfiles[0] === undefined ? {} : { containerfile: context.containerfiles[0].path }),
      ...(options.ignoreFile === undefined ? {} : { ignoreFile: options.ignoreFile }),
    });
    const always = new Set(placed.map((one) => one.name));
    const copies = placed.flatMap((one) => (one.copy === undefined ? [] : [{ name: one.name, path: one.copy }]));
    return {
      containerfiles: [...always],
      stream: treeToTar(linuxSys(), items(context.directory, { rules, always, copies: [...copies, ...(options.extra ?? [])] })),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}

/** All of a directory as a tar, for a context beside the main one. */
export function packTree(directory: string): ByteStream {
  return treeToTar(linuxSys(), everything(directory));
}

function* everything(directory: string): Generator<TarItem> {
  for (const file of walkTree(linuxSys(), directory)) yield { kind: "file", file };
}

function insideOf(directory: string, path: string): string | undefined {
  if (path === "-" || /^https?:\/\//.test(path)) return undefined;
  const inside = relative(directory, resolve(path));
  return inside === "" || inside.startsWith("..") ? undefined : inside;
}

interface Choice {
  readonly rules: IgnoreRules;
  /** Never left out. */
  readonly always: ReadonlySet<string>;
  /** Files from elsewhere. */
  readonly copies: ReadonlyArray<{ readonly name: string; readonly path: string }>;
}

function* items(directory: string, { rules, always, copies }: Choice): Generator<TarItem> {
  for (const file of walkTree(linuxSys(), directory)) {
    // A directory stays when what is left out of it may have exceptions; an empty one does no harm.
    if (!always.has(file.path) && isIgnored(rules, file.path) && !rules.hasExceptions) continue;
    if (!always.has(file.path) && isIgnored(rules, file.path) && !isDirectory(file.stat.mode)) continue;
    yield { kind: "file", file };
  }
  for (const { name, path } of copies) yield* copied(name, path);
}

/** One file of this machine, under a name of its own in the archive. */
export function* copied(name: string, path: string): Generator<TarItem> {
  const sys = linuxSys();
  const parent = sys.openat2(AT_FDCWD, dirname(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0);
  try {
    const base = basename(path);
    yield { kind: "file", file: { path: name, name: base, parent, stat: sys.fstatat(parent, base, AT_SYMLINK_NOFOLLOW) } };
  } finally {
    sys.close(parent);
  }
}

function isDirectory(mode: number): boolean {
  return (mode & 0o170000) === 0o040000;
}
