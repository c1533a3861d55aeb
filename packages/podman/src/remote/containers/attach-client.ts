import { writeFully } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import type { UpgradedConnection } from "@containers/common/http/upgrade";
import type { AttachClient } from "../../containers/attach/attach-client.ts";

/** The four bytes of a frame's length follow the stream's number and three of nothing. */
const HEADER = 8;

export interface AttachOutputs {
  /** With a terminal the bytes come as they are, else in frames that name their stream. */
  readonly tty: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** An attached connection of the API as the client of attach sessions; output flows from now on. `ended` rejects when the service tells an error. */
export function serviceAttachClient(connection: UpgradedConnection, outputs: AttachOutputs): AttachClient {
  const ended = outputs.tty ? copyOutput(connection, outputs) : copyFrames(connection, outputs);
  return {
    ended,
    send: (data) => connection.send(data),
    endInput: () => connection.endInput(),
    close: () => connection.close(),
  };
}

async function copyOutput(connection: UpgradedConnection, { stdout }: AttachOutputs): Promise<void> {
  for await (const chunk of connection.stream()) if (stdout) writeFully(1, chunk);
}

async function copyFrames(connection: UpgradedConnection, outputs: AttachOutputs): Promise<void> {
  for await (const { stream, data } of frames(connection.stream())) {
    if (stream === 3) throw new ToolError("internal", `from service from stream: ${Buffer.from(data).toString()}`);
    if (stream === 2 && outputs.stderr) writeFully(2, data);
    else if (stream < 2 && outputs.stdout) writeFully(1, data);
  }
}

interface Frame {
  /** 0 and 1: output, 2: error output, 3: the service's own error. */
  readonly stream: number;
  readonly data: Uint8Array;
}

/** The frames of a multiplexed stream; one that is cut off is dropped. @throws ToolError corrupt */
export async function* frames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk]);
    while (pending.length >= HEADER) {
      const stream = pending[0] ?? 0;
      if (stream > 3) throw new ToolError("corrupt", `unrecognized channel '${stream}' in header, 0-3 supported`);
      const end = HEADER + pending.readUInt32BE(4);
      if (pending.length < end) break;
      yield { stream, data: pending.subarray(HEADER, end) };
      pending = pending.subarray(end);
    }
  }
}
