import { linuxSys } from "@containers/common/sys/linux";
import type { WindowSize } from "@containers/common/sys/sys";
import type { AttachStreams } from "../options.ts";
import type { AttachClient } from "./attach-client.ts";
import { parseDetachKeys } from "./detach-keys.ts";
import { proxySignals } from "./proxy-signals.ts";
import { pumpInput } from "./pump-input.ts";
import { lendTerminal } from "./terminal-session.ts";

export interface JoinOptions {
  readonly streams: AttachStreams;
  readonly tty: boolean;
  /** Empty: no keys end the session from here. */
  readonly detachKeys: string;
  /** Hands a signal to the container. */
  deliver(name: NodeJS.Signals): void;
  /** Makes the container's window as large as the user's. */
  resize(size: WindowSize): void;
}

/**
 * Passes input, signals and window sizes of this process to a container or exec session whose output flows already. Resolves when that
 * output has ended, or with `detached`; the connection is closed then and the terminal as before.
 */
export async function joinStreams(client: AttachClient, options: JoinOptions): Promise<"ended" | "detached"> {
  const { streams } = options;
  const detachKeys = options.tty ? parseDetachKeys(options.detachKeys) : [];
  const input = new AbortController();
  const terminal = options.tty ? lendTerminal(linuxSys(), options.resize) : undefined;
  const stopProxy = streams.sigProxy === false ? undefined : proxySignals(options.deliver);
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
}
