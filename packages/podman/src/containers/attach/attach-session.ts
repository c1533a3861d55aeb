import { signalNumber } from "@containers/common/sys/signals";
import type { Sys } from "@containers/common/sys/sys";
import type { AttachStreams } from "../options.ts";
import { connectAttach } from "./attach-client.ts";
import { joinStreams } from "./join-streams.ts";
import { resizeTerminal } from "./resize.ts";

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
  const client = await connectAttach(sys, bundle, { ...(streams.stdout ? { stdout: 1 } : {}), ...(streams.stderr ? { stderr: 2 } : {}) });
  // The process may ask for the size the moment it runs.
  if (options.tty && sys.isTerminal(0)) resizeTerminal(bundle, sys.getWindowSize(0));
  return {
    close: () => client.close(),
    run: () =>
      joinStreams(client, {
        streams,
        tty: options.tty,
        detachKeys: streams.detachKeys ?? options.detachKeys,
        deliver: (name) => options.deliver(signalNumber(name) ?? 15),
        resize: (size) => resizeTerminal(bundle, size),
      }),
  };
}
