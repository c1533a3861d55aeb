/**
 * Runs `work` over the items, at most `limit` at once, started in order. The first failure stops new work and aborts
 * what is under way; all of it has ended when the promise settles.
 */
export async function runParallel<T, R>(
  items: readonly T[],
  options: { readonly limit: number; readonly signal?: AbortSignal },
  work: (item: T, signal: AbortSignal, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(items.length);
  const failures: unknown[] = [];
  const controller = new AbortController();
  const signal = options.signal === undefined ? controller.signal : AbortSignal.any([options.signal, controller.signal]);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index] as T, signal, index);
      } catch (error) {
        failures.push(error);
        controller.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(options.limit, items.length) }, worker));
  // The first failure is the cause; those after it are mostly its consequences.
  if (failures.length > 0) throw failures[0];
  return results;
}
