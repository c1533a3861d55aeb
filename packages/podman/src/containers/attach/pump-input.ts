import type { AttachClient } from "./attach-client.ts";
import { detachScanner } from "./detach-keys.ts";

/** Sends this process's standard input to the container until it ends or the detach keys are typed; true for the latter. */
export async function pumpInput(
  client: AttachClient,
  options: { readonly detachKeys: readonly number[]; readonly signal: AbortSignal },
): Promise<boolean> {
  const scan = detachScanner(options.detachKeys);
  const reader = Bun.stdin.stream().getReader();
  options.signal.addEventListener("abort", () => void reader.cancel().catch(() => undefined), { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (options.signal.aborted) return false;
    if (done) {
      client.endInput();
      return false;
    }
    const { forward, detached } = scan(value);
    if (forward.length > 0) await client.send(forward);
    if (detached) {
      await reader.cancel();
      return true;
    }
  }
}
