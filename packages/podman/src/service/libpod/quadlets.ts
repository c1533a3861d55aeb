import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { describeError, isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { installQuadlets } from "../../quadlet/install.ts";
import { callersScope, findQuadlet } from "../../quadlet/installed.ts";
import { kindOf } from "../../quadlet/kinds.ts";
import { listQuadlets } from "../../quadlet/list.ts";
import { type RemoveReport, removeQuadlets } from "../../quadlet/remove.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { multipartBoundary, multipartParts } from "../http/multipart.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { temporaryPath } from "../streams/temporary-file.ts";
import { unpackBody } from "../streams/unpack-body.ts";
import { filterTexts } from "./answers.ts";

/** Quadlets of the service's own user. What is wrong with some file shows in its row. */
const scope = () => callersScope(() => {});

export const listAll: Handler = (request) => json(200, listQuadlets(scope(), filterTexts(readFilters(request))));

export const exists: Handler = (request) => {
  const name = request.param("name");
  try {
    findQuadlet(scope(), name);
  } catch {
    throw new HttpError(404, `no such quadlet: ${name}`);
  }
  return empty(204);
};

export const printFile: Handler = (request) => {
  const name = request.param("name");
  try {
    return { status: 200, headers: { "Content-Type": "text/plain" }, body: readFileSync(findQuadlet(scope(), name), "utf8") };
  } catch (error) {
    const { message, because } = httpError(404, error);
    throw new HttpError(404, `no such quadlet: ${name}: ${message}`, { because, cause: error });
  }
};

/** `POST /libpod/quadlets`: one quadlet, with the files that it needs, in a tar archive or as the files of a form. */
export const install: Handler = async (request) => {
  const query = readQuery(request, { replace: "bool", "reload-systemd": "bool" });
  const boundary = multipartBoundary(request.header("content-type") ?? "");
  if (boundary === undefined) requireTar(request);
  const anchor = temporaryPath(request.engine, "quadlets");
  mkdirSync(anchor, { mode: 0o700 });
  try {
    if (boundary === undefined) await unpackBody(request.engine.sys, request.body, anchor);
    else await writeParts(request, boundary, anchor);
    const files = filesBelow(anchor);
    if (files.length === 0) throw new HttpError(400, "no files found in request");
    const quadlets = files.filter((file) => kindOf(basename(file)) !== undefined);
    if (quadlets.length === 0) throw new HttpError(400, "no quadlet files found in request");
    if (quadlets.length > 1) throw new HttpError(400, "only a single quadlet file is allowed per request");
    const options = { replace: query.replace === true, reload: query["reload-systemd"] !== false, download: refuseDownload };
    const reports = await installQuadlets(scope(), files, options);
    const failed = reports.filter(({ error }) => error !== undefined);
    if (failed.length > 0) {
      const because = failed.map(({ reference, error }) => `${reference}: ${describeError(error)}`).join("\n");
      throw new HttpError(400, `errors occurred installing some Quadlets: ${because}`, { because });
    }
    return json(200, { InstalledQuadlets: Object.fromEntries(reports.map(({ reference, path }) => [reference, path])), QuadletErrors: {} });
  } finally {
    rmSync(anchor, { recursive: true, force: true });
  }
};

function requireTar(request: ApiRequest): void {
  const type = request.header("content-type")?.split(";")[0]?.trim();
  if (type === undefined || type === "application/tar" || type === "application/x-tar") return;
  const reason = `Content-Type: ${type} is not supported. Should be "application/x-tar"`;
  throw new HttpError(400, `failed to parse query parameter 'Content-Type': ${JSON.stringify(type)}: ${reason}`);
}

/** Only the last part of a file's name counts: it comes from the client. */
async function writeParts({ body }: ApiRequest, boundary: string, directory: string): Promise<void> {
  for await (const { fileName, content } of multipartParts(body, boundary)) {
    const name = basename(fileName ?? "");
    if (name === "" || name === "." || name === "..") continue;
    const pieces: Buffer[] = [];
    for await (const piece of content) pieces.push(piece);
    writeFileSync(join(directory, name), Buffer.concat(pieces), { mode: 0o600 });
  }
}

/** Plain files; a link could name a file of the service's. */
function filesBelow(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function refuseDownload(url: string): never {
  throw new ToolError("invalid-argument", `${url} is no file`);
}

/** `DELETE /libpod/quadlets/{name}`. */
export const removeOne: Handler = (request) => {
  const query = readQuery(request, { force: "bool", ignore: "bool", "reload-systemd": "bool" });
  const name = request.param("name");
  const reports = removeQuadlets(scope(), [name], {
    force: query.force === true,
    ignore: query.ignore === true,
    all: false,
    reload: query["reload-systemd"] !== false,
  });
  const error = reports.find((report) => report.name === name)?.error;
  if (isErrorOfKind(error, "not-found")) throw new HttpError(404, `no such quadlet: ${name}: ${describeError(error)}`, { cause: error });
  if (isErrorOfKind(error, "invalid-state")) {
    const because = "quadlet is running";
    const message = `quadlet ${name} is running and force is not set, refusing to remove: ${describeError(error)}`;
    throw new HttpError(400, message, { because, cause: error });
  }
  return json(200, removalJson(reports));
};

/** `DELETE /libpod/quadlets`: those named, or all. */
export const removeSeveral: Handler = (request) => {
  const query = readQuery(request, { all: "bool", force: "bool", ignore: "bool", "reload-systemd": "bool", quadlets: "strings" });
  const { all = false, quadlets } = query;
  if (!all && quadlets.length === 0) throw new HttpError(400, "must provide at least 1 quadlet to remove or set all=true");
  if (all && quadlets.length > 0) throw new HttpError(400, "when setting all=true, you may not pass any quadlet names");
  const options = { force: query.force === true, ignore: query.ignore === true, all, reload: query["reload-systemd"] !== false };
  return json(200, removalJson(removeQuadlets(scope(), quadlets, options)));
};

/** Errors are objects without fields there: the original writes them so. */
function removalJson(reports: readonly RemoveReport[]) {
  return {
    Removed: reports.flatMap(({ name, error }) => (error === undefined ? [name] : [])),
    Errors: Object.fromEntries(reports.flatMap(({ name, error }) => (error === undefined ? [] : [[name, {}]]))),
  };
}
