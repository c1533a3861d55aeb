import { rmSync } from "node:fs";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import { RegistryError } from "@containers/image/registry-client/registry-error";
import { importFrom, loadFrom, pullByName, pushByName, saveTo } from "../../../images/image-deeds.ts";
import { HttpError, httpError, withContext, withStatuses } from "../../errors-to-http.ts";
import type { Reply } from "../../http/exchange.ts";
import { readQuery } from "../../query.ts";
import { requireAccounts } from "../../registry-auth.ts";
import { bytes, json, plainText } from "../../reply.ts";
import { withRequestImages } from "../../request-images.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { messageProgress, PULL_WORDS, type TransferMessage } from "../../streams/copy-progress.ts";
import { temporaryPath } from "../../streams/temporary-file.ts";
import { toldStream } from "../../streams/told-stream.ts";
import { formatOf } from "../../wire/transfer-parameters.ts";
import { dockerImageName } from "./docker-image-name.ts";
import { localName } from "./images.ts";
import { splitPlatform } from "./platform-of.ts";

/** Images on their way in and out, for Docker's clients. */

/** `POST /images/create`: a pull with `fromImage`, an import with `fromSrc`. */
export const createImageRoute: Handler = (request) => {
  if (request.query.has("fromImage")) return pull(request);
  if (request.query.has("fromSrc")) return importSource(request);
  // With the original no route fits then, so that nothing of what all answers have is there.
  return { ...plainText(405, "Method Not Allowed"), bare: true };
};

function withTag(name: string, tag: string | undefined): string {
  if (tag === undefined || tag === "") return name;
  return /^[a-z0-9]+:[0-9a-fA-F]{32,}$/.test(tag) ? `${name}@${tag}` : `${name}:${tag}`;
}

async function pull(request: ApiRequest): Promise<Reply> {
  const { engine } = request;
  const query = readQuery(request, { fromImage: "string", tag: "string", platform: "string", retry: "int" });
  const name = await withContext("normalizing image", () => dockerImageName(engine, withTag(query.fromImage ?? "", query.tag)));
  return pullForDocker(request, name, { policy: "always", platform: splitPlatform(query.platform), retries: query.retry });
}

/** A pull in the messages of Docker's clients; libpod's `compatMode` too. */
export function pullForDocker(
  request: ApiRequest,
  name: string,
  { tlsVerify, ...options }: Parameters<typeof pullByName>[2] & { readonly tlsVerify?: boolean | undefined },
): Promise<Reply> {
  const { engine } = request;
  requireAccounts(request);
  return transfer(async (tell) => {
    const progress = messageProgress(PULL_WORDS, tell);
    const [first] = await withRequestImages(request, { progress, tlsVerify }, (images) => pullByName({ engine, images }, name, options));
    if (first === undefined) throw new Error("internal error: no images pulled");
    tell({ status: "Download complete", progressDetail: {}, id: first.id.slice(0, 12) });
  }, pullStatus);
}

/** What the registry answered, where it is one of the answers that are agreed upon. */
function pullStatus(error: unknown): number {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if (at instanceof RegistryError && at.serverCode !== "") return at.status;
  }
  return 500;
}

/**
 * Messages as they come. The status waits for the first of them: a transfer that fails before is answered with an error, with its message alone, one
 * that fails later with a last message.
 */
async function transfer(
  run: (tell: (message: TransferMessage) => void) => Promise<void>,
  failure: (error: unknown) => number = () => 500,
  shown: (message: string) => object = (message) => ({ message }),
): Promise<Reply> {
  const events = toldStream(run);
  const first = await events.next();
  const headers = { "Content-Type": "application/json" };
  if (first.done !== true && "error" in first.value) {
    const { error } = first.value;
    if (error instanceof HttpError) throw error;
    const { because, message } = httpError(500, error);
    return { status: failure(error), headers, body: `${JSON.stringify(shown(because ?? message))}\n` };
  }
  const messages = async function* (): AsyncGenerator<string> {
    for (let next = first; next.done !== true; next = await events.next()) {
      if ("told" in next.value) yield `${JSON.stringify(next.value.told)}\n`;
      if (!("error" in next.value)) continue;
      const message = describeError(next.value.error);
      yield `${JSON.stringify({ progressDetail: {}, errorDetail: { message }, error: message })}\n`;
    }
  };
  return { status: 200, headers, body: messages() };
}

async function importSource(request: ApiRequest): Promise<Reply> {
  const { engine, body } = request;
  const query = readQuery(request, {
    changes: "strings",
    fromSrc: "string",
    message: "string",
    platform: "string",
    repo: "string",
    tag: "string",
  });
  const platform = splitPlatform(query.platform);
  const name = query.repo
    ? await withContext("normalizing image", () => dockerImageName(engine, withTag(query.repo ?? "", query.tag)))
    : undefined;
  const source = query.fromSrc === "-" ? body : (query.fromSrc ?? "");
  const options = { changes: query.changes, message: query.message, name, os: platform?.os, architecture: platform?.architecture };
  const id = await withContext("unable to import tarball", () =>
    withRequestImages(request, {}, (images) =>
      importFrom({ engine, images }, typeof source === "string" ? source : stream(source), options),
    ),
  );
  return json(200, { status: `sha256:${id}`, progress: "", progressDetail: {}, id: `sha256:${id}` });
}

async function* stream(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* body;
}

/** `POST /images/{name}/push`. */
export const pushImageRoute: Handler = async (request) => {
  const { engine } = request;
  const query = readQuery(request, { destination: "string", format: "string", tlsVerify: "bool", tag: "string" });
  const asked = query.tag ? `${request.param("name")}:${query.tag}` : request.param("name");
  const full = await withContext("normalizing image", () => dockerImageName(engine, asked));
  const name = await localName(request, asked, full);
  const { image } = requireLocalImage(engine.images, name);
  const size = engine.store.images.bigData(image.id, "manifest")?.length ?? 0;
  requireAccounts(request);
  return transfer(
    async (tell) => {
      // Like the original this tells nothing until the end: a failure is the status of the whole.
      const format = formatOf(query.format);
      const { digest } = await withRequestImages(request, { tlsVerify: query.tlsVerify }, (images) =>
        pushByName({ engine, images }, name, { destination: query.destination ?? name, format }),
      );
      tell({ status: `The push refers to repository [${name}]` });
      tell({ status: `${query.tag || "latest"}: digest: ${digest} size: ${size}` });
    },
    (error) => (isErrorOfKind(error, "not-found") ? 404 : 500),
    (message) => ({ errorDetail: { message }, error: message }),
  );
};

/** `POST /images/load`. */
export const loadImagesRoute: Handler = async (request) => {
  const { engine, body } = request;
  const names = await withContext("failed to load image", () =>
    withRequestImages(request, {}, (images) => loadFrom({ engine, images }, stream(body))),
  );
  if (names.every((name) => name === "")) throw new HttpError(500, "one or more images are required");
  return json(200, { stream: `Loaded image: ${names.join(",")}` });
};

/** `GET /images/{name}/get`. */
export const exportImageRoute: Handler = async (request) => saveAsFile(request, [await localName(request, request.param("name"))]);

/** `GET /images/get?names=…`. */
export const exportImagesRoute: Handler = async (request) => {
  const { names } = readQuery(request, { names: "strings" });
  if (names.every((name) => name === "")) throw new HttpError(400, "no images to download");
  const full = await Promise.all(names.map((name) => withContext("normalizing image", () => dockerImageName(request.engine, name))));
  return withStatuses({ "not-found": 500 }, () => saveAsFile(request, full));
};

/** The type is what the original takes the file for. */
async function saveAsFile(request: ApiRequest, names: readonly string[]): Promise<Reply> {
  const reply = await save(request, names);
  return { ...reply, headers: { ...reply.headers, "Content-Type": "application/octet; charset=us-ascii" } };
}

/** The archive is made in a file first: an image that cannot be saved is an error, and no half archive. */
async function save(request: ApiRequest, names: readonly string[]): Promise<Reply> {
  const { engine } = request;
  const output = temporaryPath(engine, "save.tar");
  try {
    await saveTo({ engine, images: engine.images }, names, { format: "docker-archive", output, shown: output });
  } catch (error) {
    rmSync(output, { force: true });
    throw error;
  }
  return bytes(removedAfterwards(output));
}

async function* removedAfterwards(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* Bun.file(path).stream();
  } finally {
    rmSync(path, { force: true });
  }
}
