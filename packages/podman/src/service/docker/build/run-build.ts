import { spawnChild } from "@containers/common/process/run";
import type { ApiRequest } from "../../route.ts";
import { channel } from "../../streams/channel.ts";

export interface BuildPlan {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly quiet: boolean;
  readonly tags: readonly string[];
}

/** Runs the build and gives its output as the messages that clients of a build expect, one JSON text each. It ends with its client. */
export async function* runBuild({ signal, isLibpod }: ApiRequest, plan: BuildPlan): AsyncGenerator<string> {
  const [program = "", ...args] = plan.command;
  const lines = channel<{ readonly from: "stdout" | "stderr"; readonly text: string }>();
  const child = spawnChild(program, args, { env: plan.env, stdout: "pipe", stderr: "pipe", signal });
  const pumps = (["stdout", "stderr"] as const).map((from) => pump(child[from], (text) => lines.push({ from, text })));
  void Promise.all(pumps).then(() => lines.end());
  const held: string[] = [];
  let reason = "";
  let id: string | undefined;
  for await (const { from, text } of lines) {
    if (from === "stderr" && text.startsWith("Error: ")) reason = text.slice("Error: ".length);
    else if (plan.quiet && from === "stderr") held.push(text);
    else if (from === "stderr") yield JSON.stringify({ stream: text });
    else {
      // The builder's own last line is the image's id: held back until it is known to be the last, and said when all else has been.
      if (id !== undefined) yield JSON.stringify({ stream: `${id}\n` });
      id = /^([0-9a-f]{64})\n?$/.exec(text)?.[1];
      if (id === undefined) yield JSON.stringify({ stream: text });
    }
  }
  if ((await child.exited) !== 0) {
    for (const text of held) yield JSON.stringify({ stream: text });
    yield failure(reason || "the build ended unexpectedly\n");
    return;
  }
  // A build that only writes files somewhere makes no image.
  if (id === undefined) return;
  yield JSON.stringify({ stream: `${id}\n` });
  if (isLibpod || plan.quiet) return;
  yield JSON.stringify({ aux: { ID: `sha256:${id}` } });
  yield JSON.stringify({ stream: `Successfully built ${id.slice(0, 12)}\n` });
  for (const tag of plan.tags) yield JSON.stringify({ stream: `Successfully tagged ${tag}\n` });
}

export function failure(message: string): string {
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
