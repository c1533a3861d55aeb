import { closeSync, mkdirSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { writeFully } from "@containers/common/cli/output";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isRootless } from "@containers/common/rootless/rootless";
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import type { ByteStream, Store } from "@containers/storage/store";
import { rewriteTimes } from "../commit/timestamps.ts";
import { archiveEntries } from "../copier/archive-entries.ts";
import { TargetTree } from "../copier/write-tree.ts";

/** Where the files of the built image go besides the store: a directory, a tar file, or a tar on standard output. */
export type BuildOutput = { readonly type: "local" | "tar"; readonly path: string } | { readonly type: "stdout" };

/** `-o DIRECTORY`, `-o -`, `-o type=local,dest=DIRECTORY`, `-o type=tar,dest=FILE`. Throws invalid-argument. */
export function parseBuildOutput(text: string): BuildOutput {
  if (text === "-") return { type: "stdout" };
  if (!/[,=]/.test(text)) return { type: "local", path: text };
  const refuse = (message: string): ToolError => new ToolError("invalid-argument", message);
  const fields = new Map<string, string>();
  for (const option of text.split(",")) {
    const equals = option.indexOf("=");
    if (equals === -1) throw refuse(`invalid build output options ${JSON.stringify(text)}, expected format key=value`);
    const key = option.slice(0, equals);
    if (key !== "type" && key !== "dest")
      throw refuse(`unrecognized key ${JSON.stringify(key)} in build output option: ${JSON.stringify(text)}`);
    if (fields.has(key)) throw refuse(`duplicate ${JSON.stringify(key)} not supported`);
    fields.set(key, option.slice(equals + 1));
  }
  const type = fields.get("type");
  if (type !== undefined && type !== "local" && type !== "tar")
    throw refuse(`invalid type ${JSON.stringify(type)} selected for build output options ${JSON.stringify(text)}`);
  if (type === undefined) throw refuse(`missing required key "type" in build output option: ${JSON.stringify(text)}`);
  const path = fields.get("dest") ?? "";
  if (path === "") throw refuse(`missing required key "dest" in build output option: ${JSON.stringify(text)}`);
  if (path !== "-") return { type, path };
  if (type === "tar") return { type: "stdout" };
  throw refuse(`invalid build output option ${JSON.stringify(text)}, only "type=tar" can be used with "dest=-"`);
}

/** Writes all files of an image. For an ordinary user owners, set-id bits and extended attributes are left out. */
export async function writeBuildOutput(
  ports: { readonly sys: Sys; readonly store: Store; writeStdout(bytes: Uint8Array): void },
  output: BuildOutput,
  image: { readonly id: string; readonly timestamp?: number },
): Promise<void> {
  const layer = ports.store.images.get(image.id)?.layer;
  const files: ByteStream = layer === undefined ? emptyArchive() : ports.store.layers.diff(layer, { parent: "" });
  const stream = image.timestamp === undefined ? files : rewriteTimes(files, { seconds: image.timestamp, onlyNewer: false });
  try {
    if (output.type === "local") await extract(ports.sys, stream, resolve(output.path));
    else if (output.type === "tar") await writeTar(stream, resolve(output.path));
    else for await (const chunk of stream) ports.writeStdout(chunk);
  } catch (error) {
    throw wrapError("failed to export build output", error);
  }
}

async function* emptyArchive(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1024);
}

async function writeTar(stream: ByteStream, path: string): Promise<void> {
  const fd = openSync(path, "w", 0o666);
  try {
    for await (const chunk of stream) writeFully(fd, chunk);
  } finally {
    closeSync(fd);
  }
}

async function extract(sys: Sys, stream: ByteStream, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const rootless = isRootless();
  const target = new TargetTree(sys, sys.openat2(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0, 0), own);
  try {
    for await (const entry of archiveEntries(stream, "none")) {
      const plain = { ...entry, ...own, mode: entry.mode & 0o1777, xattrs: new Map<string, Uint8Array>(), content: () => entry.content() };
      await target.write(rootless ? plain : entry, () => undefined);
    }
    target.finish();
  } finally {
    target.close();
  }
}
