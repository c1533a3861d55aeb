import { mkdirSync, rmSync } from "node:fs";
import { handOverCredentials } from "../../../images/build-credentials.ts";
import { HttpError } from "../../errors-to-http.ts";
import type { Reply } from "../../http/exchange.ts";
import { multipartBoundary } from "../../http/multipart.ts";
import { readQuery } from "../../query.ts";
import { requestAccess } from "../../registry-auth.ts";
import { jsonLines } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { temporaryPath } from "../../streams/temporary-file.ts";
import { dockerImageName } from "../images/docker-image-name.ts";
import { buildArguments } from "./build-arguments.ts";
import { containerfiles, localContexts, type ReceivedContexts, receiveContexts } from "./build-context.ts";
import { excludeFlags, secretFlags } from "./build-files.ts";
import { requireReadable } from "./require-readable.ts";
import { type BuildPlan, failure, runBuild } from "./run-build.ts";

/**
 * `POST /build`, both trees. The build runs as `podman build` in a process of its own: it takes long, and ends with its client without the service
 * noticing more than that.
 */
export const buildRoute: Handler = (request) => {
  checkContentType(request);
  return build(request, receiveContexts);
};

/** `POST /libpod/local/build`: of a directory of the service's own machine (`localcontextdir`). Nothing is uploaded. */
export const localBuildRoute: Handler = (request) =>
  build(request, async () => {
    const contexts = localContexts(request);
    requireContainerfiles(request, contexts.directory);
    return contexts;
  });

type ContextSource = (request: ApiRequest, anchor: string) => Promise<ReceivedContexts>;

async function build(request: ApiRequest, receive: ContextSource): Promise<Reply> {
  requireReadable(request);
  const { access, close } = requestAccess(request);
  const anchor = temporaryPath(request.engine, "build");
  const clean = (): void => {
    rmSync(anchor, { recursive: true, force: true });
    close();
  };
  try {
    mkdirSync(anchor, { mode: 0o700 });
    const contexts = await receive(request, anchor);
    const flags = [
      ...(await flagsOf(request, anchor, contexts)),
      ...(access.authFile === undefined ? [] : [`--authfile=${access.authFile}`]),
    ];
    const env = { ...process.env, ...handOverCredentials(access) };
    return jsonLines(perform(request, { flags, env, contexts }, clean));
  } catch (error) {
    clean();
    throw error;
  }
}

function requireContainerfiles(request: ApiRequest, directory: string): void {
  const { dockerfile } = readQuery(request, { dockerfile: "string" });
  const places = placesOf(request, directory, dockerfile);
  if (typeof places !== "string") return;
  const because = places.trimEnd();
  throw new HttpError(400, `failed to parse query parameter 'dockerfile': ${JSON.stringify(dockerfile ?? "")}: ${because}`, { because });
}

function checkContentType({ header, isLibpod }: ApiRequest): void {
  const whole = header("content-type") ?? "";
  const type = whole.split(";")[0]?.trim() ?? "";
  if (multipartBoundary(whole) !== undefined) return;
  if ((isLibpod || type.startsWith("multipart/")) && type !== "" && type !== "application/x-tar" && type !== "application/tar") {
    const because = `Content-Type: ${type} is not supported. Should be "application/x-tar"`;
    throw new HttpError(400, `failed to parse query parameter 'Content-Type': ${JSON.stringify(type)}: ${because}`, { because });
  }
}

async function flagsOf(request: ApiRequest, anchor: string, { directory: context, additional }: ReceivedContexts): Promise<string[]> {
  const { engine, query, isLibpod } = request;
  const { t } = readQuery(request, { t: "strings" });
  const tags = await Promise.all(t.filter((tag) => tag !== "").map((tag) => (isLibpod ? tag : dockerImageName(engine, tag))));
  return [
    ...buildArguments(query, isLibpod),
    ...secretFlags(query, { context, anchor }),
    ...excludeFlags(query, { context, anchor }),
    ...[...additional].map(([name, value]) => `--build-context=${name}=${value}`),
    ...tags.map((tag) => `--tag=${tag}`),
  ];
}

interface Preparation {
  readonly flags: readonly string[];
  readonly env: BuildPlan["env"];
  readonly contexts: ReceivedContexts;
}

async function* perform(request: ApiRequest, { flags, env, contexts }: Preparation, clean: () => void): AsyncGenerator<string> {
  const query = readQuery(request, { q: "bool", t: "strings", remote: "string", dockerfile: "string" });
  const words = ["build", ...flags, ...(query.q === true ? ["--quiet"] : [])];
  try {
    const context = query.remote ? [query.remote] : placesOf(request, contexts.directory, query.dockerfile);
    // Why the build cannot even begin is told in the stream, as the original does.
    if (typeof context === "string") yield failure(context);
    else {
      const command = request.engine.cleanupCommand([...words, ...context]);
      yield* runBuild(request, { command, env, quiet: query.q === true, tags: query.t });
    }
  } finally {
    clean();
  }
}

/** Containerfiles and context as words of the command line; a text when they are not there. */
function placesOf({ isLibpod }: ApiRequest, directory: string, dockerfile: string | undefined): readonly string[] | string {
  try {
    return [...containerfiles(directory, dockerfile ?? null, isLibpod).map((file) => `--file=${file}`), directory];
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n`;
  }
}
