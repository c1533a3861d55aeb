import { createReadStream, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { imageUnknown, resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { type SaveFormat, saveFormats } from "@containers/image/local-images/save";
import { importFrom, loadFrom, saveTo } from "../../images/image-deeds.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { readQuery } from "../query.ts";
import { bytes, json } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { directoryTar } from "./directory-tar.ts";

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
