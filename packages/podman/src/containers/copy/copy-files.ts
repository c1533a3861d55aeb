import { statSync } from "node:fs";
import { posix } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import type { ByteStream } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import { type ContainerEnd, openContainerEnd, requireContainer } from "./container-end.ts";
import type { CopyArgument } from "./copy-argument.ts";
import { packPlace } from "./pack.ts";
import { findPlace, isDirectory, type Place } from "./place.ts";
import { unpackInto } from "./unpack.ts";

type Ports = Pick<Engine, "sys" | "state" | "store">;

export interface CopyOptions {
  /** Copied files belong to the user that the receiving container runs as. */
  readonly chown: boolean;
  readonly overwrite: boolean;
  /** The archive that a source of `-` stands for. */
  input(): ByteStream;
  /** Takes the archive for a destination of `-`. */
  output(chunk: Uint8Array): void;
}

/** An opened side of a copy; a place of the host has no container. */
interface End {
  readonly path: string;
  readonly place: Place;
  /** What a copy is called: the host's files keep the name they were asked for by, a container's that of the file behind the link. */
  readonly name: string;
  readonly container?: ContainerEnd;
  /** For messages: `on the host`, `on container NAME`. */
  readonly where: string;
  close(): void;
}

/** Copies files between containers and the host; a path `-` of the host is an archive. */
export async function copyFiles(engine: Ports, from: CopyArgument, to: CopyArgument, options: CopyOptions): Promise<void> {
  for (const { container } of [from, to]) if (container !== undefined) requireContainer(engine, container);
  if (from.container === undefined && from.path === "-") return copyArchive(engine, to, options);
  const source = openEnd(engine, from);
  try {
    if (source.place.stat === undefined) throw notFound(source);
    if (to.container === undefined && to.path === "-") return await writeArchive(engine, source, options);
    if (to.container === undefined) requireFileOrDirectory(to.path);
    const destination = openEnd(engine, to);
    try {
      await copyTree(engine, source, destination, options);
    } finally {
      destination.close();
    }
  } finally {
    source.close();
  }
}

/** A device or a pipe of the host's is no place for a copy. */
function requireFileOrDirectory(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || stat.isFile() || stat.isDirectory()) return;
  throw new ToolError("invalid-argument", `invalid destination: ${JSON.stringify(path)} must be a directory or a regular file`);
}

async function copyTree(engine: Ports, source: End, destination: End, options: CopyOptions): Promise<void> {
  const target = chooseTarget(engine, source, destination);
  const stream = packPlace(engine.sys, source.place, { ...named(target.name), ...mappings(source) });
  await unpack(engine, { end: destination, directory: target.directory, stream }, options);
}

/** Where the copy goes: an existing directory takes it under its own name (or its content, for `DIR/.`), anything else is its new name. */
function chooseTarget(engine: Ports, source: End, destination: End): { readonly directory: Place; readonly name?: string } {
  const copiesDirectory = isDirectory(source.place.stat);
  if (isDirectory(destination.place.stat)) {
    if (isContent(source)) return { directory: destination.place };
    return { directory: destination.place, name: source.name };
  }
  if (destination.place.stat === undefined && destination.path.endsWith("/")) throw notFound(destination);
  const { root, path } = destination.place;
  const directory = findPlace(engine.sys, root, posix.dirname(path));
  if (directory.stat === undefined) throw notFound(destination);
  if (copiesDirectory && (destination.place.stat !== undefined || !isDirectory(directory.stat)))
    throw new ToolError("invalid-argument", "destination must be a directory when copying a directory");
  return { directory, name: posix.basename(path) };
}

async function writeArchive(engine: Ports, source: End, options: CopyOptions): Promise<void> {
  const name = isContent(source) ? undefined : source.name;
  for await (const chunk of packPlace(engine.sys, source.place, { ...named(name), ...mappings(source) })) options.output(chunk);
}

async function copyArchive(engine: Ports, to: CopyArgument, options: CopyOptions): Promise<void> {
  const destination = openEnd(engine, to);
  try {
    if (destination.place.stat === undefined && to.path.endsWith("/")) throw notFound(destination);
    if (!isDirectory(destination.place.stat))
      throw new ToolError("invalid-argument", "destination must be a directory when copying from stdin");
    const { compression, stream } = await detectCompression(options.input());
    const archive = requireArchive(decompress(stream, compression));
    await unpack(engine, { end: destination, directory: destination.place, stream: archive }, options);
  } finally {
    destination.close();
  }
}

/** Passes the stream on once its first block has shown that it is an archive at all. */
async function* requireArchive(stream: ByteStream): ByteStream {
  let head = Buffer.alloc(0);
  let checked = false;
  for await (const chunk of stream) {
    if (checked) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.length < 512) continue;
    if (!isTarHeader(head)) break;
    checked = true;
    yield head;
  }
  if (!checked) throw new ToolError("invalid-argument", "source must be a (compressed) tar archive when copying from stdin");
}

/** The header's checksum fits; an archive may also have nothing but its end. */
function isTarHeader(block: Buffer): boolean {
  let sum = 0;
  for (let at = 0; at < 512; at++) sum += at >= 148 && at < 156 ? 32 : (block[at] ?? 0);
  const noted = Number.parseInt(
    block
      .toString("latin1", 148, 156)
      .replace(/[\0 ]+/g, " ")
      .trim(),
    8,
  );
  return noted === sum || sum === 8 * 32;
}

async function unpack(
  engine: Ports,
  copy: { readonly end: End; readonly directory: Place; readonly stream: ByteStream },
  options: CopyOptions,
): Promise<void> {
  const { container } = copy.end;
  const user =
    container === undefined ? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 } : options.chown ? container.user() : undefined;
  try {
    await unpackInto(engine.sys, copy.directory, copy.stream, {
      ...(user === undefined ? {} : { owner: { uid: user.uid, gid: user.gid } }),
      ...mappings(copy.end),
      overwrite: options.overwrite,
      withoutDevices: container === undefined,
    });
  } catch (error) {
    if (error instanceof ToolError && error.kind === "invalid-argument") throw error;
    throw wrapError(container === undefined ? "copying to host" : "copying to container", error);
  }
}

function openEnd(engine: Ports, { container: reference, path }: CopyArgument): End {
  if (reference === undefined) {
    const fd = engine.sys.openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0);
    const close = (): void => engine.sys.close(fd);
    const place = closingOnError(close, () => findPlace(engine.sys, { fd }, posix.resolve(path)));
    return { path, place, name: posix.basename(posix.resolve(path)), where: "on the host", close };
  }
  try {
    const container = openContainerEnd(engine, reference, path);
    const { place, close } = container;
    return { path, place, name: posix.basename(place.path), container, where: `on container ${reference}`, close };
  } catch (error) {
    const code = errnoCode(error);
    if (code !== "ENOTDIR" && code !== "ELOOP") throw error;
    throw wrapError(`${JSON.stringify(path)} could not be found on container ${reference}`, error);
  }
}

function closingOnError<T>(close: () => void, deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    close();
    throw error;
  }
}

/** `DIR/.`, and the root directory, which has no name. */
function isContent(source: End): boolean {
  return isDirectory(source.place.stat) && (posix.basename(source.path) === "." || source.place.path === "/");
}

function notFound({ path, where }: End): ToolError {
  return new ToolError("not-found", `${JSON.stringify(path)} could not be found ${where}: no such file or directory`, { exitCode: 125 });
}

function named(name: string | undefined): { readonly name?: string } {
  return name === undefined ? {} : { name };
}

function mappings({ container }: End) {
  return container?.idMappings === undefined ? {} : { idMappings: container.idMappings };
}
