import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { posix } from "node:path";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import { linuxSys } from "@containers/common/sys/linux";
import type { CopyArgument } from "../../containers/copy/copy-argument.ts";
import type { CopyOptions } from "../../containers/copy/copy-files.ts";
import { packPlace } from "../../containers/copy/pack.ts";
import { findPlace, isDirectory, type Place } from "../../containers/copy/place.ts";
import { unpackInto } from "../../containers/copy/unpack.ts";
import { getJson, type Service } from "../service.ts";
import { number, record, text } from "../wire.ts";
import { containerExists, containerPath } from "./deeds.ts";

/** One side of a copy: what is there, if anything, and how to take or give it as an archive. */
interface End {
  readonly path: string;
  /** Absolute, links resolved; of what is not there, where it would be. */
  readonly target: string;
  readonly state: "directory" | "file" | "missing";
  readonly where: string;
  /** What is there as an archive whose top entry should have this name; a directory without one gives its content. */
  pack(name: string | undefined): Promise<Archive>;
  /** Puts an archive into a directory, its top entry under the name wanted for it. */
  unpack(directory: string, archive: Archive): Promise<void>;
  /** Whether there is such a directory. */
  isDirectory(path: string): Promise<boolean>;
}

interface Archive {
  readonly stream: ByteStream;
  /** The top entry has the first name and is to have the second. */
  readonly rename?: readonly [from: string, to: string];
}

/** Copies files between containers of the service and this machine; a path `-` of this machine is an archive. */
export async function copyFiles(service: Service, from: CopyArgument, to: CopyArgument, options: CopyOptions): Promise<void> {
  for (const { container } of [from, to]) {
    if (container !== undefined && !(await containerExists(service, container, false)))
      throw new ToolError("not-found", `container ${JSON.stringify(container)} does not exist`, { exitCode: 125 });
  }
  if (from.container === undefined && from.path === "-") return copyArchive(await openEnd(service, to, options), options);
  const source = await openEnd(service, from, options);
  if (source.state === "missing") throw notFound(source);
  if (to.container === undefined && to.path === "-") {
    const { stream } = await source.pack(isContent(source) ? undefined : posix.basename(source.target));
    for await (const chunk of stream) options.output(chunk);
    return;
  }
  const destination = await openEnd(service, to, options);
  const { directory, name } = await chooseTarget(source, destination);
  await destination.unpack(directory, await source.pack(name));
}

/** Where the copy goes: an existing directory takes it under its own name (or its content, for `DIR/.`), anything else is its new name. */
async function chooseTarget(source: End, destination: End): Promise<{ readonly directory: string; readonly name: string | undefined }> {
  if (destination.state === "directory")
    return { directory: destination.target, name: isContent(source) ? undefined : posix.basename(source.target) };
  if (destination.state === "missing" && destination.path.endsWith("/")) throw notFound(destination);
  const directory = posix.dirname(destination.target);
  if (destination.state === "missing" && !(await destination.isDirectory(directory))) throw notFound(destination);
  if (source.state === "directory" && destination.state === "file")
    throw new ToolError("invalid-argument", "destination must be a directory when copying a directory");
  return { directory, name: posix.basename(destination.target) };
}

async function copyArchive(destination: End, options: CopyOptions): Promise<void> {
  if (destination.state === "missing" && destination.path.endsWith("/")) throw notFound(destination);
  if (destination.state !== "directory") throw new ToolError("invalid-argument", "destination must be a directory when copying from stdin");
  await destination.unpack(destination.target, { stream: options.input() });
}

function openEnd(service: Service, argument: CopyArgument, options: CopyOptions): Promise<End> | End {
  return argument.container === undefined
    ? hostEnd(argument.path, options)
    : containerEnd(service, argument.container, argument.path, options);
}

function hostEnd(path: string, options: CopyOptions): End {
  const sys = linuxSys();
  const at = <T>(wanted: string, deed: (place: Place) => T): T => {
    const fd = sys.openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0);
    const close = (): void => sys.close(fd);
    try {
      const done = deed(findPlace(sys, { fd }, posix.resolve(wanted)));
      if (done instanceof Promise) return done.finally(close) as T;
      close();
      return done;
    } catch (error) {
      close();
      throw error;
    }
  };
  const { stat } = at(path, (place) => place);
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  return {
    path,
    target: posix.resolve(path),
    state: stat === undefined ? "missing" : isDirectory(stat) ? "directory" : "file",
    where: "on the host",
    async pack(name) {
      const fd = sys.openat2(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0, 0);
      const place = findPlace(sys, { fd }, posix.resolve(path));
      return { stream: closing(packPlace(sys, place, name === undefined ? {} : { name }), () => sys.close(fd)) };
    },
    unpack: (directory, { stream, rename }) =>
      unpackRenamed(directory, rename, (into) =>
        at(into, async (place) => {
          try {
            await unpackInto(sys, place, stream, { owner, overwrite: options.overwrite, withoutDevices: true });
          } catch (error) {
            if (error instanceof ToolError && error.kind === "invalid-argument") throw error;
            throw wrapError("copying to host", error);
          }
        }),
      ),
    isDirectory: async (wanted) => at(wanted, (place) => isDirectory(place.stat)),
  };
}

/** A service cannot rename what it packs: it is unpacked aside, and moved under its name. */
async function unpackRenamed(directory: string, rename: Archive["rename"], unpack: (into: string) => Promise<void>): Promise<void> {
  if (rename === undefined) return unpack(directory);
  const aside = mkdtempSync(posix.join(directory, ".podman-cp-"));
  try {
    await unpack(aside);
    renameSync(posix.join(aside, rename[0]), posix.join(directory, rename[1]));
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

async function* closing(stream: ByteStream, close: () => void): ByteStream {
  try {
    yield* stream;
  } finally {
    close();
  }
}

/** Go's bit for directories in the mode that a service tells. */
const MODE_DIRECTORY = 0x80000000;

async function containerEnd(service: Service, container: string, path: string, options: CopyOptions): Promise<End> {
  const archive = containerPath(container, "archive");
  const look = async (wanted: string): Promise<{ readonly target: string; readonly state: End["state"] } | undefined> => {
    const response = await service.request("HEAD", archive, { query: { path: wanted }, accept: [404] });
    await response.discard();
    if (response.status === 404) return undefined;
    const facts = record(JSON.parse(Buffer.from(response.headers.get("x-docker-container-path-stat") ?? "e30=", "base64").toString()));
    const directory = facts["isDir"] === true || number(facts["mode"]) >= MODE_DIRECTORY;
    return { target: text(facts["linkTarget"]) || wanted, state: directory ? "directory" : "file" };
  };
  const found = await look(path);
  const target = found?.target ?? posix.resolve(await workdir(service, container), path);
  return {
    path,
    target,
    state: found?.state ?? "missing",
    where: `on container ${container}`,
    async pack(name) {
      const base = posix.basename(target);
      const response = await service.request("GET", archive, { query: { path: name === undefined ? `${target}/.` : target } });
      return { stream: response.stream(), ...(name === undefined || name === base ? {} : { rename: [base, name] as const }) };
    },
    async unpack(directory, { stream, rename }) {
      const renamed = rename === undefined ? undefined : JSON.stringify({ [rename[0]]: rename[1] });
      const query = { path: directory, copyUIDGID: options.chown, noOverwriteDirNonDir: !options.overwrite, rename: renamed };
      try {
        await (await service.request("PUT", archive, { query, body: stream, headers: { "content-type": "application/x-tar" } })).discard();
      } catch (error) {
        throw wrapError("copying to container", error);
      }
    },
    isDirectory: async (wanted) => (await look(wanted))?.state === "directory",
  };
}

async function workdir(service: Service, container: string): Promise<string> {
  const found = record(await getJson(service, containerPath(container, "json")));
  return text(record(found["Config"])["WorkingDir"]) || "/";
}

/** `DIR/.`, and the root directory, which has no name. */
function isContent(source: End): boolean {
  return source.state === "directory" && (posix.basename(source.path) === "." || source.target === "/");
}

function notFound({ path, where }: End): ToolError {
  return new ToolError("not-found", `${JSON.stringify(path)} could not be found ${where}: no such file or directory`, { exitCode: 125 });
}
