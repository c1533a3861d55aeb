import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_PATH, SOCK_SEQPACKET } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { packetGatherer } from "./gather-packets.ts";
import { writeFully } from "./write-fully.ts";

/** Largest packet that a monitor takes for the container's input. */
const INPUT_PACKET = 32768;
/** Bytes of output that may wait for their sink. */
const MOST_PENDING = 256 * 1024;
/** Tells our monitor that large packets are welcome; any other looks at no name. */
const WIDE_CLIENT = "\0attach-packets-64k-";
const STDOUT = 2;
const STDERR = 3;

/** A connection to a monitor's attach socket. */
export interface AttachClient {
  /** Ends when the monitor has closed the socket, or {@link AttachClient.close} was called. */
  readonly ended: Promise<void>;
  /** Hands bytes to the container's standard input; resolves when the socket has taken them. */
  send(data: Uint8Array): Promise<void>;
  /** No more input: the container's standard input is closed. */
  endInput(): void;
  close(): void;
}

/**
 * Takes bytes of the container's output, which it has to copy before it returns: the runtime uses its buffer again. While much of them is not taken yet no
 * more are read.
 */
type OutputSink = (bytes: Uint8Array) => Promise<void>;

export interface AttachSinks {
  /** Descriptors or sinks that the container's output goes to; absent: dropped. */
  readonly stdout?: number | OutputSink;
  readonly stderr?: number | OutputSink;
}

interface AttachSocket {
  pause(): void;
  resume(): void;
  write(data: Uint8Array): number;
  shutdown(): void;
  end(): void;
}

/**
 * Connects to `attach` in the bundle. Synchronous up to the connection, so that a caller which starts the container afterwards loses none of its output.
 * Each packet of the monitor is one byte for the stream and then data; the event loop reads them one by one.
 */
export async function connectAttach(sys: Sys, bundle: string, sinks: AttachSinks): Promise<AttachClient> {
  const fd = connectSocket(sys, bundle);
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let drained = Promise.withResolvers<void>();
  let isOpen = true;
  let pending = 0;
  let isPaused = false;
  const holdBack = (from: AttachSocket, bytes: Uint8Array, take: OutputSink): void => {
    pending += bytes.length;
    if (pending > MOST_PENDING && !isPaused) {
      isPaused = true;
      from.pause();
    }
    const { length } = bytes;
    void take(bytes)
      .catch(() => undefined)
      .then(() => {
        pending -= length;
        if (!isPaused || pending > MOST_PENDING / 2 || !isOpen) return;
        isPaused = false;
        from.resume();
      });
  };
  const targetOf = (stream: number | undefined): AttachSinks["stdout"] =>
    stream === STDERR ? sinks.stderr : stream === STDOUT ? sinks.stdout : undefined;
  const packets = packetGatherer(sys, fd);
  // To descriptors all is written at once, so that nothing has to be held back.
  const isDirect = [sinks.stdout, sinks.stderr].every((sink) => typeof sink !== "function");
  const handlers = {
    data(from: AttachSocket, packet: Uint8Array): void {
      if (isDirect) {
        packets.gather(packet, (stream, bytes) => {
          const target = targetOf(stream);
          if (typeof target === "number") writeFully(sys, target, bytes);
        });
        return;
      }
      const target = targetOf(packet[0]);
      if (typeof target === "function") holdBack(from, packet.subarray(1), target);
      else if (target !== undefined) writeFully(sys, target, packet.subarray(1));
    },
    drain(): void {
      drained.resolve();
      drained = Promise.withResolvers<void>();
    },
    close(): void {
      isOpen = false;
      drained.resolve();
      end();
    },
    error: end,
  };
  const socket = await adopt(fd, handlers);
  return {
    ended,
    async send(data) {
      for (let at = 0; at < data.length && isOpen; ) {
        const sent = socket.write(data.subarray(at, at + INPUT_PACKET));
        if (sent > 0) at += sent;
        else await drained.promise;
      }
    },
    endInput: () => void (isOpen && socket.shutdown()),
    close: () => void (isOpen && socket.end()),
  };
}

/** The path of the socket is often longer than an address may be: it is reached through a descriptor of its directory. */
function connectSocket(sys: Sys, bundle: string): number {
  const directory = sys.openat2(AT_FDCWD, bundle, O_PATH | O_DIRECTORY | O_CLOEXEC, 0, 0);
  const fd = sys.unixSocket(SOCK_SEQPACKET);
  try {
    askForWidePackets(sys, fd);
    sys.connect(fd, `/proc/self/fd/${directory}/attach`);
    return fd;
  } catch (error) {
    sys.close(fd);
    throw error;
  } finally {
    sys.close(directory);
  }
}

function askForWidePackets(sys: Sys, fd: number): void {
  try {
    sys.bind(fd, WIDE_CLIENT + crypto.randomUUID());
  } catch {
    // Small packets carry the same.
  }
}

/** Gives a connected socket to the event loop. The runtime takes a descriptor here, which its types do not say. */
async function adopt(fd: number, socket: object): Promise<AttachSocket> {
  const connect: (options: never) => Promise<unknown> = Bun.connect;
  return (await connect({ fd, socket } as never)) as AttachSocket;
}
