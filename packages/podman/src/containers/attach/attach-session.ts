import { signalNumber } from "@containers/common/sys/signals";
import type { Sys } from "@containers/common/sys/sys";
import type { AttachStreams } from "../options.ts";
import { connectAttach } from "./attach-client.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import { proxySignals } from "./proxy-signals.ts";
import { pumpInput } from "./pump-input.ts";
import { lendTerminal } from "./terminal-session.ts";

export interface AttachSessionOptions {
  readonly streams: AttachStreams;
  readonly tty: boolean;
  readonly detachKeys: string;
  /** Hands a signal to the container. */
  deliver(signal: number): void;
}

export interface AttachSession {
  /** Begins to pass input, signals and window sizes: once the process runs. Resolves when output has ended, or with `detached`. */
  run(): Promise<"ended" | "detached">;
  close(): void;
}

/** Joins this process's streams to a container or exec session; its bundle holds the `attach` socket. Output flows from now on. */
export async function openAttachSession(sys: Sys, bundle: string, options: AttachSessionOptions): Promise<AttachSession> {
  const { streams } = options;
  const detachKeys = options.tty ? parseDetachKeys(streams.detachKeys ?? options.detachKeys) : [];
  const client = await connectAttach(sys, bundle, { ...(streams.stdout ? { stdout: 1 } : {}), ...(streams.stderr ? { stderr: 2 } : {}) });
  return {
    close: () => client.close(),
    async run() {
      const input = new AbortController();
      const terminal = options.tty ? lendTerminal(sys, bundle) : undefined;
      const stopProxy = streams.sigProxy === false ? undefined : proxySignals((name) => options.deliver(signalNumber(name) ?? 15));
      try {
        const ended = client.ended.then(() => "ended" as const);
        if (!streams.stdin) return await ended;
        // Input that ends is no reason to leave; only the detach keys are.
        const detached = pumpInput(client, { detachKeys, signal: input.signal }).then((byKeys) => (byKeys ? ("detached" as const) : ended));
        return await Promise.race([ended, detached]);
      } finally {
        input.abort();
        stopProxy?.();
        terminal?.restore();
        client.close();
      }
    },
  };
}
