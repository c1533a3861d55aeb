import { mkdirSync, realpathSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { AT_FDCWD, O_DIRECTORY, O_PATH } from "@containers/common/sys/constants";
import { decompress, detectCompression } from "@containers/storage/archive/compression";
import { findPlace } from "../../../containers/copy/place.ts";
import { unpackInto } from "../../../containers/copy/unpack.ts";
import type { ApiRequest } from "../../route.ts";

/** Unpacks the request's body, a tar archive, into a new directory `build` below `anchor`; its path. Nothing is written outside. */
export async function unpackContext({ engine, body }: Pick<ApiRequest, "engine" | "body">, anchor: string): Promise<string> {
  const directory = `${anchor}/build`;
  mkdirSync(directory, { mode: 0o700 });
  if (body.isEmpty) return directory;
  const { compression, stream } = await detectCompression(pieces(body));
  const fd = engine.sys.openat2(AT_FDCWD, directory, O_PATH | O_DIRECTORY, 0, 0);
  try {
    await unpackInto(engine.sys, findPlace(engine.sys, { fd }, "/"), decompress(stream, compression), {
      overwrite: true,
      withoutDevices: true,
    });
  } finally {
    engine.sys.close(fd);
  }
  return directory;
}

async function* pieces(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* body;
}

/**
 * The Containerfiles that a request names, as paths: one, or a JSON list. Only what lies in the context is read, also behind links: the rest of the host
 * is not the client's.
 * @throws Error in the words of a missing file
 */
export function containerfiles(context: string, named: string | null, isLibpod: boolean): string[] {
  if (named === null || named === "") {
    const found = isLibpod ? ["Containerfile", "Dockerfile"].find((name) => within(context, join(context, name)) !== undefined) : undefined;
    return [require(context, join(context, found ?? "Dockerfile"))];
  }
  return names(named).map((name) =>
    /^https?:\/\//.test(name) ? name : require(context, isAbsolute(name) && name.startsWith(`${context}/`) ? name : join(context, name)),
  );
}

function names(text: string): string[] {
  if (!text.startsWith("[")) return [text];
  try {
    const parsed: unknown = JSON.parse(text);
    if (Array.isArray(parsed)) return parsed.map(String);
  } catch {
    // A name that begins with a bracket.
  }
  return [text];
}

function require(context: string, path: string): string {
  const found = within(context, path);
  if (found === undefined) throw new Error(`stat ${path}: no such file or directory`);
  return found;
}

function within(context: string, path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return real.startsWith(`${realpathSync(context)}/`) ? real : undefined;
  } catch {
    return undefined;
  }
}
