import { mkdirSync, realpathSync, statSync } from "node:fs";
import { isAbsolute, join, normalize } from "node:path";
import { HttpError } from "../../errors-to-http.ts";
import { multipartBoundary, multipartParts } from "../../http/multipart.ts";
import type { ApiRequest } from "../../route.ts";
import { unpackBody } from "../../streams/unpack-body.ts";

export interface ReceivedContexts {
  readonly directory: string;
  /** As `--build-context` has them, by name. */
  readonly additional: ReadonlyMap<string, string>;
}

/**
 * Unpacks what the request brings below `anchor`: a tar archive, or a form of them (`MainContext`, `build-context-NAME`). Nothing is written
 * outside. Further contexts may be named by URL or image.
 */
export async function receiveContexts(request: ApiRequest, anchor: string): Promise<ReceivedContexts> {
  const { engine, body, header } = request;
  const additional = new Map(request.query.getAll("additionalbuildcontexts").flatMap(namedContext));
  const directory = `${anchor}/build`;
  mkdirSync(directory, { mode: 0o700 });
  const boundary = multipartBoundary(header("content-type") ?? "");
  if (boundary === undefined) {
    if (!body.isEmpty) await unpackBody(engine.sys, body, directory);
    return { directory, additional };
  }
  for await (const { name, content } of multipartParts(body, boundary)) {
    if (name === "MainContext") await unpackBody(engine.sys, content, directory);
    const other = /^build-context-(.+)$/.exec(name)?.[1];
    if (other === undefined) continue;
    const place = `${anchor}/context-${additional.size}`;
    mkdirSync(place, { mode: 0o700 });
    await unpackBody(engine.sys, content, place);
    additional.set(other, place);
  }
  return { directory, additional };
}

/**
 * What a request names of the service's own machine: `localcontextdir`, and `NAME=localpath:…` of `additionalbuildcontexts`.
 *
 * @throws HttpError 400 for a path that is not absolute or no directory, 404 for one that is not there
 */
export function localContexts({ query }: Pick<ApiRequest, "query">): ReceivedContexts {
  const directory = query.get("localcontextdir") ?? "";
  if (directory === "") {
    const because = "localcontextdir cannot be empty";
    throw new HttpError(400, `failed to parse query parameter 'localcontextdir': "": ${because}`, { because });
  }
  const texts = query.getAll("additionalbuildcontexts");
  const paths = texts.flatMap((text) => {
    const [, name, path] = /^([^=]+)=localpath:(.*)$/.exec(text) ?? [];
    return name === undefined || path === undefined ? [] : [[name, requireDirectory(path)] as const];
  });
  return { directory: requireDirectory(directory), additional: new Map([...texts.flatMap(namedContext), ...paths]) };
}

function requireDirectory(path: string): string {
  if (!isAbsolute(path)) throw new HttpError(400, `path is not absolute: ${JSON.stringify(path)}`, { because: "path is not absolute" });
  const clean = normalize(path);
  const stat = statSync(clean, { throwIfNoEntry: false });
  if (stat === undefined) throw new HttpError(404, `stat ${clean}: no such file or directory`, { because: "no such file or directory" });
  if (!stat.isDirectory()) throw new HttpError(400, `stat ${clean}: not a directory`, { because: "not a directory" });
  return clean;
}

/** `NAME=url:…` and `NAME=image:…`; the content of others is in the form. */
function namedContext(text: string): Array<readonly [string, string]> {
  const match = /^([^=]+)=(?:url:(.+)|image:(.+)|.*)$/.exec(text);
  if (match === null) throw new HttpError(500, `invalid additional build context format: ${JSON.stringify(text)}`);
  const [, name = "", url, image] = match;
  if (url !== undefined) return [[name, url]];
  return image === undefined ? [] : [[name, `docker-image://${image}`]];
}

/**
 * The Containerfiles that a request names, as paths: one, or a JSON list. Only what lies in the context is read, also behind links: the rest of the host
 * is not the client's.
 * @throws Error in the words of a missing file
 */
export function containerfiles(context: string, named: string | null, isLibpod: boolean): string[] {
  if (named === null || named === "") {
    const found = isLibpod ? ["Containerfile", "Dockerfile"].find((name) => within(context, join(context, name)) !== undefined) : undefined;
    return [requireWithin(context, join(context, found ?? "Dockerfile"))];
  }
  return names(named).map((name) =>
    /^https?:\/\//.test(name)
      ? name
      : requireWithin(context, isAbsolute(name) && name.startsWith(`${context}/`) ? name : join(context, name)),
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

/** The real path of what lies in the context. @throws Error in the words of a missing file */
export function requireWithin(context: string, path: string): string {
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
