import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { packTree } from "@containers/buildah/index";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { readFileStream } from "@containers/image/transports/blob-file";

export interface NamedContexts {
  /** Those that the service fetches itself: `NAME=url:…`, `NAME=image:…`. */
  readonly named: readonly string[];
  /** Directories and archives of this machine, by name. */
  readonly local: ReadonlyMap<string, string>;
}

const IMAGE = /^(?:docker-image|container-image|docker):\/\/(.+)$/;
const URL_LIKE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/)/;

/** Sorts the values of `--build-context` by where they are. @throws invalid-argument, not-found */
export function namedContexts(values: readonly string[]): NamedContexts {
  const named: string[] = [];
  const local = new Map<string, string>();
  for (const value of values) {
    const [, name, place] = /^([^=]+)=(.+)$/.exec(value) ?? [];
    if (name === undefined || place === undefined)
      throw new ToolError("invalid-argument", `while parsing additional build context: ${value}, accepts value in the form of key=value`);
    const image = IMAGE.exec(place)?.[1];
    if (image !== undefined) named.push(`${name}=image:${image}`);
    else if (URL_LIKE.test(place)) named.push(`${name}=url:${place}`);
    else if (statSync(place, { throwIfNoEntry: false }) === undefined)
      throw new ToolError("not-found", `additional build context ${name}: stat ${place}: no such file or directory`);
    else local.set(name, place);
  }
  return { named, local };
}

/** The body of a build: the context's tar alone, or a form of it and of further contexts. */
export function contextBody(
  main: ByteStream,
  local: ReadonlyMap<string, string>,
): { readonly stream: ByteStream; readonly contentType: string } {
  if (local.size === 0) return { stream: main, contentType: "application/x-tar" };
  const boundary = randomUUID();
  return { stream: form(main, local, boundary), contentType: `multipart/form-data; boundary=${boundary}` };
}

async function* form(main: ByteStream, local: ReadonlyMap<string, string>, boundary: string): AsyncGenerator<Uint8Array> {
  const head = (name: string, file: string): Uint8Array =>
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name=${quoted(name)}; filename=${quoted(file)}\r\ncontent-type: application/octet-stream\r\n\r\n`,
    );
  yield head("MainContext", "MainContext.tar");
  yield* main;
  for (const [name, place] of local) {
    yield Buffer.from("\r\n");
    yield head(`build-context-${name}`, name);
    yield* statSync(place).isDirectory() ? packTree(place) : readFileStream(place);
  }
  yield Buffer.from(`\r\n--${boundary}--\r\n`);
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&")}"`;
}
