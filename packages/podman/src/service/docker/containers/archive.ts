import { describeError } from "@containers/common/errors/tool-error";
import {
  type PathStat,
  readContainerArchive,
  statContainerPath,
  writeContainerArchive,
} from "../../../containers/copy/container-archive.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { HttpError, httpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { bytes, empty } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { decode, dictionary, text } from "../../wire/go-object.ts";

/** Files of a container as archives; both trees. */

const STAT_HEADER = "X-Docker-Container-Path-Stat";

/** `HEAD` and `GET /containers/{name}/archive?path=…`. */
export const readArchiveRoute: Handler = (request) => {
  const { engine, method } = request;
  const { path = "" } = readQuery(request, { path: "string" });
  if (path === "") throw new HttpError(400, "missing `path` parameter");
  const { config } = resolveContainer(engine, request.param("name"));
  const stat = statPath(request, config.id, path);
  if (stat === undefined) throw new HttpError(404, "no such file or directory");
  const headers = { [STAT_HEADER]: Buffer.from(JSON.stringify(stat)).toString("base64").replaceAll("+", "-").replaceAll("/", "_") };
  if (method === "HEAD") return { status: 200, headers };
  return bytes(readContainerArchive(engine, config.id, path), "application/x-tar", headers);
};

function statPath({ engine }: ApiRequest, id: string, path: string): PathStat | undefined {
  try {
    return statContainerPath(engine, id, path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOTDIR" || code === "ELOOP") return undefined;
    throw error;
  }
}

/** `PUT /containers/{name}/archive?path=…`. */
export const writeArchiveRoute: Handler = async (request) => {
  const { engine, isLibpod, body } = request;
  const {
    path = "",
    copyUIDGID,
    noOverwriteDirNonDir,
  } = readQuery(
    request,
    {
      path: "string",
      copyUIDGID: "bool",
      noOverwriteDirNonDir: "bool",
    },
    { context: "couldn't decode the query" },
  );
  const rename = renamesOf(request);
  const found = findTarget(request);
  const written = await writeContainerArchive(engine, { reference: found, path: path || "/" }, body, {
    chown: copyUIDGID ?? isLibpod,
    overwrite: noOverwriteDirNonDir !== true,
    rename,
  });
  if (!written) throw new HttpError(500, `copier: put: ${path} (${path}): exists but is not a directory`);
  return empty(200);
};

/** `rename`: JSON, new names by old ones. */
function renamesOf({ query }: ApiRequest): Readonly<Record<string, string>> {
  const wanted = query.get("rename") ?? "";
  if (wanted === "") return {};
  try {
    return decode(dictionary(text), wanted);
  } catch (error) {
    const because = describeError(error);
    throw new HttpError(400, `couldn't decode the query field 'rename': ${because}`, { because });
  }
}

function findTarget({ engine, param }: ApiRequest): string {
  try {
    return resolveContainer(engine, param("name")).config.id;
  } catch (error) {
    const { message, because } = httpError(404, error);
    throw new HttpError(404, `the container does not exist: ${message}`, because === undefined ? {} : { because });
  }
}
