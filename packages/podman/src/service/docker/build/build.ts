import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnChild } from "@containers/common/process/run";
import { HttpError } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { jsonLines } from "../../reply.ts";
import type { ApiRequest, Handler } from "../../route.ts";
import { channel } from "../../streams/channel.ts";
import { temporaryPath } from "../../streams/temporary-file.ts";
import { dockerImageName } from "../images/docker-image-name.ts";
import { buildArguments } from "./build-arguments.ts";
import { containerfiles, unpackContext } from "./build-context.ts";

/**
 * `POST /build`, both trees. The build runs as `podman build` in a process of its own: it takes long, and ends with its client without the service
 * noticing more than that.
 */
export const buildRoute: Handler = async (request) => {
  const anchor = temporaryPath(request.engine, "build");
  mkdirSync(anchor, { mode: 0o700 });
  try {
    const plan = await prepare(request, anchor);
    return jsonLines(perform(request, anchor, plan));
  } catch (error) {
    rmSync(anchor, { recursive: true, force: true });
    throw error;
  }
};

interface Plan {
  readonly command: readonly string[];
  readonly quiet: boolean;
  readonly tags: readonly string[];
  readonly idFile: string;
  /** Why the build cannot even begin; told in the stream, as the original does. */
  readonly refusal?: string;
}

async function prepare(request: ApiRequest, anchor: string): Promise<Plan> {
  const { engine, query, isLibpod } = request;
  checkContentType(request);
  const { q, t, remote, dockerfile } = readQuery(request, { q: "bool", t: "strings", remote: "string", dockerfile: "string" });
  const context = await unpackContext(request, anchor);
  const idFile = `${anchor}/image-id`;
  const tags = await Promise.all(t.filter((tag) => tag !== "").map((tag) => (isLibpod ? tag : dockerImageName(engine, tag))));
  const flags = [
    ...buildArguments(query, isLibpod),
    ...tags.map((tag) => `--tag=${tag}`),
    `--iidfile=${idFile}`,
    ...(q === true ? ["--quiet"] : []),
    ...authFile(request, anchor),
  ];
  const plan = { quiet: q === true, tags: t, idFile };
  if (remote !== undefined && remote !== "") return { ...plan, command: engine.cleanupCommand(["build", ...flags, remote]) };
  try {
    const files = containerfiles(context, dockerfile ?? null, isLibpod).map((file) => `--file=${file}`);
    return { ...plan, command: engine.cleanupCommand(["build", ...flags, ...files, context]) };
  } catch (error) {
    return { ...plan, command: [], refusal: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

function checkContentType({ header, isLibpod }: ApiRequest): void {
  const type = (header("content-type") ?? "").split(";")[0]?.trim() ?? "";
  if (type.startsWith("multipart/")) throw new HttpError(501, "several build contexts in one request are not supported yet");
  if (isLibpod && type !== "" && type !== "application/x-tar" && type !== "application/tar") {
    const because = `Content-Type: ${type} is not supported. Should be "application/x-tar"`;
    throw new HttpError(400, `failed to parse query parameter 'Content-Type': ${JSON.stringify(type)}: ${because}`, { because });
  }
}

/** Credentials by registry, which the client sent along, in a file for this build alone. */
function authFile({ header }: ApiRequest, anchor: string): string[] {
  const sent = header("x-registry-config");
  if (sent === undefined || sent === "") return [];
  const auths: Record<string, { auth: string }> = {};
  try {
    const parsed: unknown = JSON.parse(Buffer.from(sent.replaceAll("-", "+").replaceAll("_", "/"), "base64").toString("utf8"));
    for (const [registry, entry] of Object.entries((parsed ?? {}) as Record<string, { username?: string; password?: string } | null>)) {
      if (entry?.username) auths[registry] = { auth: Buffer.from(`${entry.username}:${entry.password ?? ""}`).toString("base64") };
    }
  } catch {
    throw new HttpError(400, 'failed to parse "X-Registry-Config" header');
  }
  if (Object.keys(auths).length === 0) return [];
  const path = `${anchor}/auth.json`;
  writeFileSync(path, JSON.stringify({ auths }), { mode: 0o600 });
  return [`--authfile=${path}`];
}

async function* perform(request: ApiRequest, anchor: string, plan: Plan): AsyncGenerator<string> {
  try {
    if (plan.refusal === undefined) yield* runBuild(request, plan);
    else yield failure(plan.refusal);
  } finally {
    rmSync(anchor, { recursive: true, force: true });
  }
}

async function* runBuild({ signal, isLibpod }: ApiRequest, plan: Plan): AsyncGenerator<string> {
  const [program = "", ...args] = plan.command;
  const lines = channel<{ readonly from: "stdout" | "stderr"; readonly text: string }>();
  const child = spawnChild(program, args, { stdout: "pipe", stderr: "pipe", signal });
  const pumps = (["stdout", "stderr"] as const).map((from) => pump(child[from], (text) => lines.push({ from, text })));
  void Promise.all(pumps).then(() => lines.end());
  const held: string[] = [];
  let reason = "";
  for await (const { from, text } of lines) {
    if (from === "stderr" && text.startsWith("Error: ")) reason = text.slice("Error: ".length);
    else if (plan.quiet && from === "stderr") held.push(text);
    else yield JSON.stringify({ stream: text });
  }
  if ((await child.exited) !== 0) {
    for (const text of held) yield JSON.stringify({ stream: text });
    yield failure(reason || "the build ended unexpectedly\n");
    return;
  }
  const id = readFileSync(plan.idFile, "utf8")
    .trim()
    .replace(/^sha256:/, "");
  // The builder's own last line, which it leaves out when it writes the id to a file.
  yield JSON.stringify({ stream: `${id}\n` });
  if (isLibpod || plan.quiet) return;
  yield JSON.stringify({ aux: { ID: `sha256:${id}` } });
  yield JSON.stringify({ stream: `Successfully built ${id.slice(0, 12)}\n` });
  for (const tag of plan.tags) yield JSON.stringify({ stream: `Successfully tagged ${tag}\n` });
}

function failure(message: string): string {
  return JSON.stringify({ errorDetail: { message }, error: message });
}

/** Hands on whole lines, and what stands alone at the end. */
async function pump(stream: ReadableStream<Uint8Array> | number | undefined, take: (text: string) => void): Promise<void> {
  if (stream === undefined || typeof stream === "number") return;
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    rest += decoder.decode(bytes, { stream: true });
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      take(rest.slice(0, end + 1));
      rest = rest.slice(end + 1);
    }
  }
  if (rest !== "") take(rest);
}
