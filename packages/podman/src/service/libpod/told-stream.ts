/**
 * What a piece of work tells while it goes on, and at last its result: as they come, for an answer that is sent in pieces. The work ends even when
 * nobody reads any more.
 */
export async function* toldStream<Told, Result>(
  work: (tell: (told: Told) => void) => Promise<Result>,
): AsyncGenerator<{ readonly told: Told } | { readonly result: Result } | { readonly error: unknown }> {
  const waiting: Told[] = [];
  let wake: () => void = () => undefined;
  let outcome: { readonly result: Result } | { readonly error: unknown } | undefined;
  const tell = (told: Told): void => {
    waiting.push(told);
    wake();
  };
  void work(tell)
    .then(
      (result) => {
        outcome = { result };
      },
      (error: unknown) => {
        outcome = { error };
      },
    )
    .finally(() => wake());
  for (;;) {
    for (let told = waiting.shift(); told !== undefined; told = waiting.shift()) yield { told };
    if (outcome !== undefined) break;
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (waiting.length > 0 || outcome !== undefined) resolve();
    });
  }
  for (let told = waiting.shift(); told !== undefined; told = waiting.shift()) yield { told };
  yield outcome;
}
