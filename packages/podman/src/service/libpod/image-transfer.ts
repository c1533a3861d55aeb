import { describeError } from "@containers/common/errors/tool-error";
import { parsePlatform } from "@containers/image/local-images/platform";
import { searchImages } from "@containers/image/local-images/search";
import { pullByName, pushByName } from "../../images/image-deeds.ts";
import { HttpError } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { requireAccounts } from "../registry-auth.ts";
import { json, jsonLines } from "../reply.ts";
import { withRequestImages } from "../request-images.ts";
import type { Handler } from "../route.ts";
import { toldStream } from "../streams/told-stream.ts";
import { searchRow } from "../wire/search-row.ts";
import { compressionOf, delayOf, formatOf, policyOf, requireRegistryName } from "../wire/transfer-parameters.ts";
import { filterTexts, line } from "./answers.ts";
import { pushAnswer } from "./push-answer.ts";

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
  requireAccounts(request);
  if (compatMode) return (await import("../docker/images/transfer.ts")).pullForDocker(request, reference, { ...options, tlsVerify });
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
  const retryDelay = query.retryDelay === undefined || query.retryDelay === "" ? undefined : delayOf(query.retryDelay);
  requireAccounts(request);
  const work = async (tell?: (text: string) => void) => {
    const options = {
      destination,
      format: formatOf(query.format),
      compression: compressionOf(query),
      removeSignatures: query.removeSignatures,
      retries: query.retry,
      retryDelay,
      all: query.all,
    };
    return withRequestImages(request, { tlsVerify: query.tlsVerify, tell }, (images) =>
      pushByName({ engine: request.engine, images }, source, options),
    );
  };
  return pushAnswer(work, {
    destination,
    quiet: query.quiet !== false,
    whole: () => line(200, ""),
    last: ({ digest }) => ({ manifestdigest: digest }),
  });
};

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
