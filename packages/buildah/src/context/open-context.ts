import { once } from "node:events";
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { resolveInRoot } from "@containers/common/fs/open-in-root";
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import { archiveEntries, archiveKind } from "../copier/archive-entries.ts";
import { SourceTree } from "../copier/source-tree.ts";
import { TargetTree } from "../copier/write-tree.ts";
import type { ContainerfileText } from "../executor/build-options.ts";
import { cloneGit, isGitUrl, parseGitUrl } from "./git-context.ts";

/** Bytes; what is longer is no Containerfile. */
const MAX_CONTAINERFILE = 8 << 20;

export interface ContextOptions {
  /** What to say of a context without a Containerfile. */
  describeMissing?(directory: string): string;
  /** What to say of a context, and of a Containerfile, that is not there. */
  describeNoContext?(path: string): string;
  describeNoFile?(file: string): string;
  /** Further flags of the preprocessor, for names that end in `.in`. */
  readonly cppFlags?: readonly string[];
  warn?(message: string): void;
}

export interface OpenContext {
  readonly directory: string;
  readonly containerfiles: readonly ContainerfileText[];
  /** Removes what was unpacked. */
  close(): void;
}

/**
 * The build context that the user named: a directory, `-` for standard input (a Containerfile or a tar), a tar file, an http(s) URL
 * of either; and the Containerfiles: those named, or the context's own.
 */
export async function openContext(name: string | undefined, files: readonly string[], options: ContextOptions = {}): Promise<OpenContext> {
  const place = await resolveContext(name ?? directoryOfFirst(files), files, options);
  try {
    const found = place.containerfile === undefined ? await readContainerfiles(place.directory, files, options) : [place.containerfile];
    return { directory: place.directory, containerfiles: await Promise.all(found.map(prepared)), close: place.close };
  } catch (error) {
    place.close();
    throw error;
  }

  async function prepared(file: ContainerfileText): Promise<ContainerfileText> {
    if (!file.path.endsWith(".in")) return file;
    const { preprocess } = await import("./preprocess.ts");
    const { cppFlags = [], warn = () => undefined } = options;
    return {
      ...file,
      text: preprocess(file.path, Buffer.from(file.text), { contextDirectory: place.directory, flags: cppFlags, warn }).toString("utf8"),
    };
  }
}

/** A directory, URL or repository that `--build-context` names; undefined for what is no URL. */
export async function openUrlContext(url: string): Promise<Pick<OpenContext, "directory" | "close"> | undefined> {
  return isGitUrl(url) ? fromGit(url) : /^https?:\/\//.test(url) ? fromUrl(url) : undefined;
}

function withoutContainerfile(directory: string): string {
  return `cannot find Containerfile or Dockerfile in context directory: stat ${join(directory, "Dockerfile")}: no such file or directory`;
}

/** Without a context it is the directory of the first Containerfile that is named, or the working directory. */
function directoryOfFirst(files: readonly string[]): string {
  const first = files.find((file) => file !== "-" && existsSync(file));
  return first === undefined ? "." : dirname(resolve(first));
}

interface ContextPlace {
  readonly directory: string;
  /** The input was itself the Containerfile. */
  readonly containerfile?: ContainerfileText;
  close(): void;
}

async function resolveContext(name: string, files: readonly string[], options: ContextOptions): Promise<ContextPlace> {
  if (name === "-") return fromBytes(readFileSync(0), "-");
  if (isGitUrl(name)) return fromGit(name);
  if (/^https?:\/\//.test(name)) return fromUrl(name);
  if (name.startsWith("github.com/")) return fromGit(`https://${name.replace(/(\.git)?(#|$)/, ".git$2")}`);
  const path = resolve(name);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) {
    const said = options.describeNoContext?.(path) ?? `discovering Containerfile: stat ${path}: no such file or directory`;
    throw new ToolError("not-found", said);
  }
  if (stat.isDirectory()) return { directory: path, close: () => undefined };
  const content = readFileSync(path);
  if (archiveKind(content.subarray(0, 512)) !== undefined) return fromBytes(content, path);
  // A file in place of a context is the Containerfile, and its directory the context.
  if (files.length > 0) throw new ToolError("invalid-argument", `context must be a directory: ${JSON.stringify(path)}`);
  return { directory: resolve(path, ".."), containerfile: { path, text: content.toString("utf8") }, close: () => undefined };
}

async function fromGit(url: string): Promise<ContextPlace> {
  const place = parseGitUrl(url);
  const directory = mkdtempSync(join(tmpdir(), "buildah-context"));
  const close = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    await cloneGit(place, directory);
    return { directory: resolveInRoot(linuxSys(), directory, place.directory === "" ? "/" : place.directory), close };
  } catch (error) {
    close();
    throw wrapError("prepping temporary context directory", error);
  }
}

async function download(url: string): Promise<Buffer> {
  const { httpRequest } = await import("@containers/common/http/fetch");
  const response = await httpRequest(url, { redirect: "follow" });
  if (response.status !== 200)
    throw new ToolError("unavailable", `fetching the Containerfile ${url}: the server answered ${response.status}`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.stream()) {
    size += chunk.length;
    if (size > MAX_CONTAINERFILE)
      throw new ToolError("invalid-argument", `the Containerfile ${url} has more than ${MAX_CONTAINERFILE} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function fromUrl(url: string): Promise<ContextPlace> {
  const { httpRequest } = await import("@containers/common/http/fetch");
  const response = await httpRequest(url, { redirect: "follow" });
  if (response.status < 200 || response.status >= 400)
    throw new ToolError("unavailable", `prepping temporary context directory: invalid response status ${response.status}`);
  const directory = mkdtempSync(join(tmpdir(), "buildah-context"));
  try {
    const path = join(directory, "download");
    const file = createWriteStream(path);
    for await (const chunk of response.stream()) if (!file.write(chunk)) await once(file, "drain");
    file.end();
    await once(file, "close");
    return await fromBytes(readFileSync(path), url);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A tar is unpacked; anything else is a Containerfile with an empty context. */
async function fromBytes(content: Buffer, name: string): Promise<ContextPlace> {
  const directory = mkdtempSync(join(tmpdir(), "buildah-context"));
  const close = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    const kind = archiveKind(content.subarray(0, 512));
    if (kind === undefined) return { directory, containerfile: { path: name, text: content.toString("utf8") }, close };
    await unpack([content], kind, directory);
    return { directory, close };
  } catch (error) {
    close();
    throw error;
  }
}

async function unpack(content: Iterable<Uint8Array>, kind: NonNullable<ReturnType<typeof archiveKind>>, directory: string): Promise<void> {
  const sys = linuxSys();
  const target = new TargetTree(sys, sys.openat2(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0), {
    uid: process.getuid?.() ?? 0,
    gid: process.getgid?.() ?? 0,
  });
  try {
    for await (const entry of archiveEntries(content, kind)) {
      // Whoever packed it is nobody here; COPY sets the owners anyway.
      await target.write(
        { ...entry, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, content: () => entry.content() },
        () => undefined,
      );
    }
    target.finish();
  } finally {
    target.close();
  }
}

async function readContainerfiles(
  directory: string,
  files: readonly string[],
  options: ContextOptions,
): Promise<readonly ContainerfileText[]> {
  if (files.length > 0) return Promise.all(files.map((file) => readNamed(directory, file, options)));
  const found = ["Containerfile", "Dockerfile"].map((name) => join(directory, name)).find((path) => existsSync(path));
  if (found === undefined) {
    throw new ToolError("not-found", (options.describeMissing ?? withoutContainerfile)(directory));
  }
  return [checked(found, readInside(directory, found))];
}

async function readNamed(directory: string, file: string, options: ContextOptions): Promise<ContainerfileText> {
  if (file === "-") return checked("-", readFileSync(0));
  if (/^https?:\/\//.test(file)) return checked(file, await download(file));
  const path = [resolve(file), join(directory, file)].find((candidate) => existsSync(candidate));
  if (path === undefined) {
    const said = options.describeNoFile?.(file) ?? `stat ${join(directory, file)}: no such file or directory`;
    throw new ToolError("not-found", said);
  }
  if (statSync(path).isDirectory())
    throw new ToolError("invalid-argument", `containerfile: ${JSON.stringify(path)} cannot be path to a directory`);
  return checked(path, readFileSync(path));
}

/** The context may come from elsewhere: a link in it must not show a file of this machine as the Containerfile. */
function readInside(directory: string, path: string): Buffer {
  const tree = new SourceTree(linuxSys(), directory);
  try {
    return Buffer.concat([...tree.content(path.slice(directory.length + 1))].map((chunk) => Buffer.from(chunk)));
  } finally {
    tree.close();
  }
}

function checked(path: string, content: Buffer): ContainerfileText {
  if (content.length === 0) throw new ToolError("invalid-argument", `no contents in ${JSON.stringify(path)}`);
  return { path, text: content.toString("utf8") };
}
