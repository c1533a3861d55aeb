import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { parsePlatform } from "@containers/image/local-images/platform";
import { type PullPolicy, parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { imageUnknown, resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { type SaveFormat, saveFormats } from "@containers/image/local-images/save";
import { searchImages } from "@containers/image/local-images/search";
import { DOCKER_MANIFEST, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import { transportOf } from "@containers/image/transports/register";
import { importFrom, loadFrom, pullByName, pushByName, saveTo } from "../../images/image-deeds.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { readFilters, readQuery } from "../query.ts";
import { bytes, json, jsonLines } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { toldStream } from "../streams/told-stream.ts";
import { searchRow } from "../wire/search-row.ts";
import { filterTexts, line } from "./answers.ts";
import { directoryTar } from "./directory-tar.ts";

/** `POST /libpod/images/pull`: the words of the command line as they come, at last the ids. `quiet` gives that alone. */
export const pull: Handler = async (request) => {
  const query = readQuery(request, {
    allTags: "bool",
    policy: "string",
    quiet: "bool",
    compatMode: "bool",
    reference: "string",
    retry: "int",
    retrydelay: "string",
    tlsVerify: "bool",
    Arch: "string",
    OS: "string",
    Variant: "string",
  });
  const { reference = "", quiet = false, compatMode = false, tlsVerify } = query;
  if (quiet && compatMode) throw new HttpError(500, "'quiet' and 'compatMode' cannot be used simultaneously");
  if (reference === "") throw new HttpError(500, "reference parameter cannot be empty");
  requireRegistryName(reference);
  const options = {
    policy: policyOf(query.policy),
    platform: parsePlatform({ arch: query.Arch || undefined, os: query.OS || undefined, variant: query.Variant || undefined }),
    retries: query.retry,
    retryDelay: query.retrydelay === undefined ? undefined : delayOf(query.retrydelay),
    allTags: query.allTags,
  };
  const work = (tell?: (text: string) => void) =>
    withRequestImages(request, { tlsVerify, tell }, (images) => pullByName({ engine: request.engine, images }, reference, options));
  const report = (pulled: Awaited<ReturnType<typeof work>>) => ({ images: pulled.map(({ id }) => id), id: pulled.at(-1)?.id });
  if (quiet) {
    try {
      return json(200, report(await work()));
    } catch (error) {
      return json(200, { error: describeError(error) });
    }
  }
  return jsonLines(
    (async function* () {
      for await (const event of toldStream(work)) {
        if ("told" in event) yield JSON.stringify({ stream: event.told });
        else yield JSON.stringify("result" in event ? report(event.result) : { error: describeError(event.error) });
      }
    })(),
  );
};

function policyOf(text: string | undefined): PullPolicy {
  try {
    return parsePullPolicy(text ?? "always");
  } catch (error) {
    throw httpError(400, error);
  }
}

/** `POST /libpod/images/{name}/push`. Quiet unless told otherwise, as clients of old expect. */
export const push: Handler = async (request) => {
  const query = readQuery(request, {
    all: "bool",
    compressionFormat: "string",
    compressionLevel: "int",
    forceCompressionFormat: "bool",
    destination: "string",
    format: "string",
    removeSignatures: "bool",
    retry: "int",
    retryDelay: "string",
    tlsVerify: "bool",
    quiet: "bool",
  });
  const source = request.param("name");
  const destination = query.destination || source;
  requireRegistryName(destination);
  const options = {
    destination,
    format: formatOf(query.format),
    compression: compressionOf(query),
    removeSignatures: query.removeSignatures,
    retries: query.retry,
    retryDelay: query.retryDelay === undefined || query.retryDelay === "" ? undefined : delayOf(query.retryDelay),
  };
  const work = (tell?: (text: string) => void) =>
    withRequestImages(request, { tlsVerify: query.tlsVerify, tell }, (images) =>
      pushByName({ engine: request.engine, images }, source, options),
    );
  if (query.quiet !== false) {
    try {
      await work();
    } catch (error) {
      const reason = httpError(400, error);
      throw new HttpError(400, `pushing image ${JSON.stringify(destination)}: ${reason.message}`, {
        because: reason.because,
        cause: error,
      });
    }
    return line(200, "");
  }
  return jsonLines(
    (async function* () {
      for await (const event of toldStream(work)) {
        if ("told" in event) yield JSON.stringify({ stream: event.told });
        else if ("result" in event) yield JSON.stringify({ manifestdigest: event.result.digest });
        else yield JSON.stringify({ error: describeError(event.error) });
      }
    })(),
  );
};

/** @throws unsupported for an algorithm that is not known here */
export function compressionOf(query: {
  readonly compressionFormat?: string;
  readonly compressionLevel?: number;
  readonly forceCompressionFormat?: boolean;
}) {
  const { compressionFormat: format, compressionLevel: level, forceCompressionFormat: force } = query;
  if (format === undefined || format === "") return { level, force };
  if (format !== "gzip" && format !== "zstd")
    throw new ToolError("unsupported", `cannot compress with ${JSON.stringify(format)}`, { hint: "gzip and zstd are supported" });
  return { format, level, force: force ?? true } as const;
}

export function formatOf(format: string | undefined): string | undefined {
  if (format === undefined || format === "") return undefined;
  if (format === "oci") return OCI_MANIFEST;
  if (format === "v2s2" || format === "docker") return DOCKER_MANIFEST;
  throw new ToolError("invalid-argument", `unknown format "${format}". Choose on of the supported formats: 'oci', 'v2s1', or 'v2s2'`);
}

/** `POST /libpod/images/load`: the body is the archive. */
export const load: Handler = async (request) => loaded(request, request.body);

/** `POST /libpod/local/images/load`: an archive on the service's own disk. */
export const loadLocal: Handler = async (request) => {
  const { path = "" } = readQuery(request, { path: "string" });
  if (path === "") throw new HttpError(400, "path query parameter is required");
  if (!isAbsolute(path)) throw new HttpError(400, `path is not absolute: ${JSON.stringify(path)}`, { because: "path is not absolute" });
  if (!existsSync(path)) {
    const message = `file does not exist: ${JSON.stringify(path)}`;
    throw new HttpError(404, message, { because: message });
  }
  return loaded(request, path);
};

async function loaded(request: ApiRequest, source: Parameters<typeof loadFrom>[1]): Promise<Reply> {
  try {
    const names = await withRequestImages(request, {}, (images) => loadFrom({ engine: request.engine, images }, source));
    return json(200, { Names: names });
  } catch (error) {
    const reason = httpError(500, error);
    throw new HttpError(500, `unable to load image: ${reason.message}`, { because: reason.because, cause: error });
  }
}

/** `POST /libpod/images/import`: the body, or what `URL` names. */
export const importArchive: Handler = async (request) => {
  const query = readQuery(request, {
    changes: "strings",
    message: "string",
    reference: "string",
    URL: "string",
    OS: "string",
    Architecture: "string",
    Variant: "string",
  });
  try {
    const id = await withRequestImages(request, {}, (images) =>
      importFrom({ engine: request.engine, images }, query.URL || request.body, {
        changes: query.changes,
        message: query.message || undefined,
        name: query.reference || undefined,
        os: query.OS || undefined,
        architecture: query.Architecture || undefined,
        variant: query.Variant || undefined,
      }),
    );
    return json(200, { Id: `sha256:${id}` });
  } catch (error) {
    const reason = httpError(500, error);
    throw new HttpError(500, `unable to import tarball: ${reason.message}`, { because: reason.because, cause: error });
  }
};

/** `GET /libpod/images/{name}/get`. */
export const exportOne: Handler = async (request) => {
  const { compress, format = "oci-archive" } = readQuery(request, { compress: "bool", format: "string" });
  const name = request.param("name");
  if (resolveLocalImage(request.engine.images, name) === undefined) throw httpError(404, imageUnknown(name));
  if (!isFormat(format)) throw new HttpError(500, `unknown format ${JSON.stringify(format)}`);
  return exported(request, [name], { format, compress });
};

/** `GET /libpod/images/export?references=…`. */
export const exportSeveral: Handler = async (request) => {
  const query = readQuery(request, { compress: "bool", format: "string", ociAcceptUncompressedLayers: "bool", references: "strings" });
  const { references, format = "oci-archive" } = query;
  if (references.length === 0) throw new HttpError(400, "no references");
  if (references.length > 1 && format !== "docker-archive")
    throw new HttpError(500, "multi-image archives must use format of docker-archive");
  if (!isFormat(format)) throw new HttpError(500, `unsupported format ${JSON.stringify(format)}`);
  return exported(request, references, { format, compress: query.compress, acceptUncompressed: query.ociAcceptUncompressedLayers });
};

function isFormat(text: string): text is SaveFormat {
  return saveFormats.some((format) => format === text);
}

interface ExportOptions {
  readonly format: SaveFormat;
  readonly compress?: boolean;
  readonly acceptUncompressed?: boolean;
}

/** Written to a file first: only then is it known that it can be. Directories are sent as an archive of their files. */
async function exported(request: ApiRequest, names: readonly string[], options: ExportOptions): Promise<Reply> {
  const { engine } = request;
  const directory = mkdtempSync(join(engine.images.temporaryDirectory ?? tmpdir(), "podman-export-"));
  const output = join(directory, "image");
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  try {
    await withRequestImages(request, {}, (images) => saveTo({ engine, images }, names, { ...options, output }));
  } catch (error) {
    remove();
    throw httpError(400, error);
  }
  const isDirectory = options.format.endsWith("-dir");
  const content = isDirectory ? directoryTar(engine.sys, output) : createReadStream(output);
  return bytes(
    (async function* () {
      try {
        yield* content;
      } finally {
        remove();
      }
    })(),
    isDirectory ? "application/x-tar" : "application/octet; charset=us-ascii",
  );
}

/** `GET /libpod/images/search`. */
export const search: Handler = async (request) => {
  const query = readQuery(request, { term: "string", limit: "int", tlsVerify: "bool", listTags: "bool" });
  const { term = "", listTags = false } = query;
  if (term === "") return json(200, []);
  const results = await withRequestImages(request, { tlsVerify: query.tlsVerify }, (images) =>
    searchImages(term, images.registry, { limit: query.limit, filters: filterTexts(readFilters(request)), listTags }),
  );
  return json(200, results.map(searchRow));
};

/** @throws HttpError 400 for a name of another transport than a registry's */
export function requireRegistryName(reference: string): void {
  const transport = transportOf(reference);
  if (transport !== undefined && transport !== "docker")
    throw new HttpError(400, `reference ${JSON.stringify(reference)} must be a docker reference`);
}

/** Milliseconds. */
export function delayOf(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    const message = `time: invalid duration ${JSON.stringify(text)}`;
    throw new HttpError(400, message, { because: message });
  }
}
