/** What a signal may end; see {@link stopOn}. */
export interface Stopping {
  fired(): boolean;
  /** The head is there: its own signal means nothing any more. */
  headArrived(): void;
  /** All is over: no signal means anything. */
  forget(): void;
}

/** Calls `stop` when one of the signals of an exchange fires, at once when one has fired. */
export function stopOn(
  { headSignal, signal }: { readonly headSignal?: AbortSignal; readonly signal?: AbortSignal },
  stop: () => void,
): Stopping {
  // Often the two are one, and a signal keeps a listener once.
  const forHead = headSignal === signal ? undefined : headSignal;
  const signals = [forHead, signal].filter((one) => one !== undefined);
  const fired = (): boolean => signals.some((one) => one.aborted);
  for (const one of signals) one.addEventListener("abort", stop, { once: true });
  if (fired()) stop();
  return {
    fired,
    headArrived: () => forHead?.removeEventListener("abort", stop),
    forget() {
      for (const one of signals) one.removeEventListener("abort", stop);
    },
  };
}
