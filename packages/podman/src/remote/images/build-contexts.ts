import { statSync } from "node:fs";
import { packTree } from "@containers/buildah/index";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { readFileStream } from "@containers/image/transports/blob-file";
import { fileForm } from "../form.ts";

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
  return fileForm([
    { name: "MainContext", fileName: "MainContext.tar", content: () => main },
    ...[...local].map(([name, place]) => ({
      name: `build-context-${name}`,
      fileName: name,
      content: () => (statSync(place).isDirectory() ? packTree(place) : readFileStream(place)),
    })),
  ]);
}
