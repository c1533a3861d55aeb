import { describeError } from "@containers/common/errors/tool-error";
import { HttpError, httpError } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { jsonLines } from "../reply.ts";
import { toldStream } from "../streams/told-stream.ts";

/** How the end of a push is told: alone, or after what was said on the way. */
export interface PushWords<Result> {
  readonly destination: string;
  readonly quiet: boolean;
  whole(result: Result): Reply;
  last(result: Result): object;
}

/** Answers a push: quietly with its outcome, else with its words as they come. */
export async function pushAnswer<Result>(
  work: (tell?: (words: string) => void) => Promise<Result>,
  { destination, quiet, whole, last }: PushWords<Result>,
): Promise<Reply> {
  if (!quiet) {
    return jsonLines(
      (async function* () {
        for await (const event of toldStream(work)) {
          if ("told" in event) yield JSON.stringify({ stream: event.told });
          else yield JSON.stringify("result" in event ? last(event.result) : { error: describeError(event.error) });
        }
      })(),
    );
  }
  try {
    return whole(await work());
  } catch (error) {
    const { message, because } = httpError(400, error);
    throw new HttpError(400, `pushing image ${JSON.stringify(destination)}: ${message}`, { because, cause: error });
  }
}
