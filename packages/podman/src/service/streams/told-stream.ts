import { channel } from "./channel.ts";

export type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

/**
 * What a piece of work tells while it goes on, and at last its outcome: as they come, for an answer that is sent in pieces. The work goes on to its end
 * even when nobody reads any more.
 */
export async function* toldStream<Told, Result>(
  work: (tell: (told: Told) => void) => Promise<Result>,
): AsyncGenerator<{ readonly told: Told } | Outcome<Result>> {
  const told = channel<Told>();
  const outcome = work(told.push)
    .then(
      (result): Outcome<Result> => ({ result }),
      (error: unknown): Outcome<Result> => ({ error }),
    )
    .finally(told.end);
  for await (const one of told) yield { told: one };
  yield await outcome;
}
