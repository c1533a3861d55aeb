import { appendFileSync, linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { connectToSystemd, type QuadletScope, readList, requireInstallDirectory } from "./installed.ts";
import { extensionOf, kindOf } from "./kinds.ts";
import { splitQuadlets } from "./multi-file.ts";

export interface InstallOptions {
  readonly replace: boolean;
  readonly reload: boolean;
  /** The file of a web address and what it is called there. */
  readonly download: (url: string) => Promise<{ readonly name: string; readonly text: string }>;
}

export interface InstallReport {
  readonly reference: string;
  /** Where it is now. */
  readonly path?: string;
  readonly error?: Error;
}

/** One file to be written. */
interface Source {
  readonly name: string;
  readonly content: string | Uint8Array;
  /** It has to be a quadlet, not something that belongs to one. */
  readonly mustBeQuadlet: boolean;
}

/**
 * Puts quadlets where the generator finds them: files, web addresses, a directory as one application. What follows the first one belongs to it, whatever it is;
 * a list in the directory remembers what came together. One report per file; systemd is told in the end.
 */
export async function installQuadlets(
  scope: QuadletScope,
  references: readonly string[],
  options: InstallOptions,
): Promise<InstallReport[]> {
  const manager = connectToSystemd(scope);
  try {
    const directory = requireInstallDirectory(scope);
    const { files, application } = expand(references);
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    const list = application ?? listName(files[0] ?? "");
    const reports: InstallReport[] = [];
    for (const [index, file] of files.entries()) {
      try {
        for (const source of await read(file, { options, first: index === 0 && application === undefined })) {
          const path = writeSource(directory, source, { list, replace: options.replace });
          reports.push({ reference: file, path });
        }
      } catch (error) {
        reports.push({ reference: file, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    if (options.reload) manager.reload();
    return reports;
  } finally {
    manager.close();
  }
}

const isUrl = (reference: string): boolean => /^https?:\/\//.test(reference);

/** A directory as the first one stands for its files. */
function expand(references: readonly string[]): { readonly files: readonly string[]; readonly application?: string } {
  const [first = "", ...rest] = references;
  if (isUrl(first)) return { files: references };
  const found = statSync(first, { throwIfNoEntry: false });
  if (found === undefined) {
    throw new ToolError("not-found", `unable to stat Quadlet path ${first}: stat ${first}: no such file or directory`, { exitCode: 125 });
  }
  if (!found.isDirectory()) return { files: references };
  const files = readdirSync(first)
    .filter((name) => !name.startsWith("."))
    .sort()
    .map((name) => join(first, name));
  return { files: [...files, ...rest], application: `.${basename(first)}.app` };
}

/** The list of files that came with the first one. */
function listName(first: string): string {
  const name = basename(first);
  if (extensionOf(name) === ".quadlets") return `.${name.slice(0, -".quadlets".length)}.app`;
  return kindOf(name) === undefined ? `.${name}.asset` : `.${name}.app`;
}

async function read(file: string, { options, first }: { readonly options: InstallOptions; readonly first: boolean }): Promise<Source[]> {
  if (isUrl(file)) {
    const { name, text } = await options.download(file);
    return [{ name, content: text, mustBeQuadlet: first }];
  }
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) throw new ToolError("not-found", `stat ${file}: no such file or directory`);
  if (found.isDirectory()) throw new ToolError("invalid-argument", `quadlet to install ${JSON.stringify(file)} is not a file`);
  if (extensionOf(file) !== ".quadlets") return [{ name: basename(file), content: readFileSync(file), mustBeQuadlet: first }];
  return splitQuadlets(readFileSync(file, "utf8"), file).map(({ name, text }) => ({ name, content: text, mustBeQuadlet: true }));
}

function writeSource(directory: string, source: Source, how: { readonly list: string; readonly replace: boolean }): string {
  const { name, content, mustBeQuadlet } = source;
  if (name === "" || name.startsWith(".") || name.includes("/"))
    throw new ToolError("invalid-argument", `${JSON.stringify(name)} cannot be the name of an installed file`);
  if (mustBeQuadlet && kindOf(name) === undefined)
    throw new ToolError("invalid-argument", `${JSON.stringify(extensionOf(name))} is not a supported Quadlet file type`);
  const path = join(directory, name);
  const staged = join(directory, `.quadlet-install-${process.pid}-${name}`);
  try {
    writeFileSync(staged, content, { mode: 0o644 });
    if (how.replace) renameSync(staged, path);
    else linkNew(staged, path);
  } finally {
    rmSync(staged, { force: true });
  }
  if (!mustBeQuadlet || how.list.endsWith(".app")) remember(join(directory, how.list), name);
  return path;
}

/** A link, unlike a rename, takes nothing's place. */
function linkNew(staged: string, path: string): void {
  try {
    linkSync(staged, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw new ToolError("internal", `writing ${path}: ${describeError(error)}`);
    throw new ToolError("already-exists", `a Quadlet with name ${basename(path)} already exists, refusing to overwrite`);
  }
}

function remember(list: string, name: string): void {
  if (!readList(list).includes(name)) appendFileSync(list, `${name}\n`, { mode: 0o644 });
}
