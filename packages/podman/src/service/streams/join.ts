import { type AttachClient, connectAttach } from "../../containers/attach/attach-client.ts";
import { detachScanner, parseDetachKeys } from "../../containers/attach/detach-keys.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Wire } from "../http/wire.ts";
import { frame, type StreamName } from "./stdcopy.ts";

export interface JoinOptions {
  /** A terminal's bytes are passed as they are; without one the streams are framed. */
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** `ctrl-p,ctrl-q`; for terminals. */
  readonly detachKeys: string;
}

/**
 * Milliseconds between an answer's head and the first output. docker-py reads the head through a buffer and goes on with the bare socket: what
 * came together with the head would be lost to it.
 */
export const HEAD_START = 20;

/** A monitor's attach socket whose output waits for a client's connection. */
export interface Junction {
  /** Passes bytes both ways until the output has ended, the client has gone, or has typed the detach keys. Closes neither side's connection. */
  join(wire: Wire): Promise<"ended" | "detached" | "gone">;
  close(): void;
}

/**
 * Connects to the attach socket in `bundle`. From now on no output is lost: what comes before {@link Junction.join} waits.
 */
export async function openJunction(engine: Pick<Engine, "sys">, bundle: string, options: JoinOptions): Promise<Junction> {
  const connection = Promise.withResolvers<Wire>();
  let joined: Wire | undefined;
  let written: Promise<void> = Promise.resolve();
  const sink =
    (stream: StreamName) =>
    (bytes: Uint8Array): Promise<void> => {
      const copy = options.tty ? Uint8Array.from(bytes) : frame(stream, bytes);
      written = joined === undefined ? connection.promise.then((wire) => wire.write(copy)) : joined.write(copy);
      return written;
    };
  const client = await connectAttach(engine.sys, bundle, {
    ...(options.stdout ? { stdout: sink("stdout") } : {}),
    ...(options.stderr ? { stderr: sink("stderr") } : {}),
  });
  return {
    close: () => client.close(),
    async join(wire) {
      setTimeout(() => connection.resolve(wire), HEAD_START);
      // What waited goes first: its turn comes before anything that is read from now on.
      void connection.promise.then(() => {
        joined = wire;
      });
      const ended = client.ended.then(() => "ended" as const);
      const gone = wire.closed.then(() => "gone" as const);
      const detached = options.stdin ? passInput(wire, client, options) : new Promise<never>(() => undefined);
      try {
        return await Promise.race([ended, gone, detached]);
      } finally {
        client.close();
        // Writes keep their order: the last one done, all are.
        await written.catch(() => undefined);
      }
    },
  };
}

/** Resolves only when the detach keys are typed: input that ends is no reason to leave. */
async function passInput(wire: Wire, client: AttachClient, { tty, detachKeys }: JoinOptions): Promise<"detached"> {
  const scan = detachScanner(tty ? parseDetachKeys(detachKeys) : []);
  for (;;) {
    const bytes = await wire.input.read();
    if (bytes === undefined) {
      client.endInput();
      return new Promise<never>(() => undefined);
    }
    const { forward, detached } = scan(bytes);
    if (forward.length > 0) await client.send(forward);
    if (detached) return "detached";
  }
}
