import { setTimeout as delay } from "node:timers/promises";
import type { Reply } from "../http/exchange.ts";
import { json, jsonLines } from "../reply.ts";
import type { ApiRequest } from "../route.ts";

interface Repetition<T> {
  readonly look: () => Promise<T>;
  readonly seconds: number;
  readonly stream: boolean;
}

/** One answer, or the same looked up again and again until the client goes, or there is nothing to see. */
export function repeated<T>({ signal }: Pick<ApiRequest, "signal">, first: T, { look, seconds, stream }: Repetition<T>): Reply {
  if (!stream) return json(200, first);
  return jsonLines(
    (async function* () {
      yield JSON.stringify(first);
      for (;;) {
        try {
          await delay(seconds * 1000, undefined, { signal });
          yield JSON.stringify(await look());
        } catch {
          // The status went out long ago: an end is all that can be told.
          return;
        }
      }
    })(),
  );
}
