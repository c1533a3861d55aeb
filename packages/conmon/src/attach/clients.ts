import { MSG_DONTWAIT, POLLERR, POLLHUP, POLLIN, POLLOUT } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import type { Diagnostics } from "../diagnostics.ts";
import type { StreamName } from "../logs/log-driver.ts";
import type { PollLoop, Watch } from "../poll-loop.ts";
import { forEachFrame, frameDataFor, LARGEST_INPUT } from "./frames.ts";
import { PacketQueue, SlabPool } from "./packet-queue.ts";
import type { ContainerStdin } from "./stdin.ts";

interface Client {
  readonly watch: Watch;
  /** Bytes of output in one packet to it. */
  readonly frameData: number;
  /** Packets that its socket had no room for. */
  readonly queue: PacketQueue;
  /** There before the first output: whoever started the container in the foreground. */
  readonly foreground: boolean;
  /** It may still send input. */
  reading: boolean;
  lastProgress: number;
}

/** Beyond this a client counts as slow. */
const QUEUE_LIMIT = 1024 * 1024;
/** A slow client that takes nothing for this long is let go, unless the container runs in its foreground. */
const STALL_LIMIT_MS = 5000;

/**
 * The attached clients. Output goes to all of them. One that does not keep up slows the container down, as a full pipe would;
 * one that attached later and takes nothing at all is disconnected after some seconds, so that it cannot hold the container for ever.
 */
export class AttachClients {
  readonly #sys: MonitorSys;
  readonly #loop: PollLoop;
  readonly #diagnostics: Diagnostics;
  readonly #stdin: ContainerStdin;
  readonly #closeStdinWithClient: boolean;
  readonly #input = { buffer: undefined as Buffer | undefined };
  #listener: Watch | undefined;
  #clients: readonly Client[] = [];
  /** The sizes of packets that somebody takes. */
  #packetSizes: readonly number[] = [];
  readonly #slabs = new SlabPool();
  #outputSeen = false;
  #stallTimer = false;
  #onRelief: () => void = () => undefined;

  constructor(ports: { sys: MonitorSys; loop: PollLoop; diagnostics: Diagnostics; stdin: ContainerStdin }, closeStdinWithClient: boolean) {
    this.#sys = ports.sys;
    this.#loop = ports.loop;
    this.#diagnostics = ports.diagnostics;
    this.#stdin = ports.stdin;
    this.#closeStdinWithClient = closeStdinWithClient;
    this.#loop.addCache(() => {
      this.#slabs.trim();
      this.#input.buffer = undefined;
    });
  }

  /** Accepts clients on a listening, non-blocking socket, which now is ours. */
  listen(descriptor: number): void {
    this.#sys.listen(descriptor, 10);
    this.#listener = this.#loop.add(descriptor, POLLIN, () => this.acceptWaiting());
  }

  /**
   * Lets in everybody who has connected by now. Also called before the last of the output is read: a client that connected before the container
   * was started has a right to all of it, even when the container has ended before we came to look.
   */
  acceptWaiting(): void {
    const listener = this.#listener?.descriptor;
    if (listener === undefined) return;
    for (let client = this.#sys.accept(listener); client !== undefined; client = this.#sys.accept(listener)) this.#add(client);
  }

  /** Sends output to everybody; the byte before `start` is overwritten. */
  broadcast(stream: StreamName, buffer: Buffer, start: number, end: number): void {
    this.#outputSeen = true;
    if (this.#clients.length === 0) return;
    for (const frameData of this.#packetSizes) {
      forEachFrame(buffer, stream, { start, end, frameData }, (at, length) => {
        for (const client of this.#clients) if (client.frameData === frameData) this.#deliver(client, buffer, at, length);
      });
    }
  }

  /** Whether reading more of the container's output should wait; `onRelief` tells when it need not any more. */
  get congested(): boolean {
    for (const client of this.#clients) if (client.queue.bytes > QUEUE_LIMIT) return true;
    return false;
  }

  set onRelief(callback: () => void) {
    this.#onRelief = callback;
  }

  /** Waits until everybody has what is queued for them; gives up on those that stall. */
  flush(): void {
    for (const client of this.#clients) client.lastProgress = performance.now();
    while (this.#clients.some((client) => !client.queue.isEmpty)) {
      this.#loop.runOnce(100);
      this.#dropStalled(true);
    }
  }

  close(): void {
    if (this.#listener !== undefined) {
      this.#loop.remove(this.#listener);
      this.#sys.close(this.#listener.descriptor);
    }
    this.#listener = undefined;
    for (const client of this.#clients) this.#drop(client);
  }

  #add(descriptor: number): void {
    const watch = this.#loop.add(descriptor, POLLIN, (revents) => this.#ready(client, revents));
    const client: Client = {
      watch,
      frameData: frameDataFor(this.#nameOf(descriptor)),
      queue: new PacketQueue(this.#slabs),
      foreground: !this.#outputSeen,
      reading: true,
      lastProgress: performance.now(),
    };
    this.#setClients([...this.#clients, client]);
    this.#diagnostics.debug(`accepted attach connection ${descriptor}`);
  }

  /** The list is replaced and never changed: it may be walked meanwhile. */
  #setClients(clients: readonly Client[]): void {
    this.#clients = clients;
    this.#packetSizes = [...new Set(clients.map((client) => client.frameData))];
  }

  #nameOf(descriptor: number): string {
    try {
      return this.#sys.peerName(descriptor);
    } catch {
      return "";
    }
  }

  #ready(client: Client, revents: number): void {
    if ((revents & POLLOUT) !== 0) this.#sendQueued(client);
    if ((revents & POLLIN) !== 0 && client.reading) this.#read(client);
    else if ((revents & (POLLHUP | POLLERR)) !== 0) this.#hangUp(client);
  }

  #read(client: Client): void {
    const buffer = (this.#input.buffer ??= Buffer.allocUnsafeSlow(LARGEST_INPUT));
    const length = this.#receive(client, buffer);
    if (length < 0) return;
    if (length === 0) {
      client.reading = false;
      client.watch.events &= ~POLLIN;
      this.#endOfInput();
      return;
    }
    const taken = this.#stdin.write(buffer.subarray(0, length), () => this.#setReading(client, true));
    if (!taken) this.#setReading(client, false);
  }

  #receive(client: Client, buffer: Buffer): number {
    try {
      return this.#sys.recv(client.watch.descriptor, buffer, 0, buffer.length, MSG_DONTWAIT);
    } catch {
      return 0;
    }
  }

  #setReading(client: Client, on: boolean): void {
    if (!client.reading) return;
    client.watch.events = on ? client.watch.events | POLLIN : client.watch.events & ~POLLIN;
  }

  /** One client's end of input is the container's, unless it was told to keep it open. */
  #endOfInput(): void {
    if (this.#closeStdinWithClient) this.#stdin.close();
  }

  #hangUp(client: Client): void {
    // what it sent last is still to be read, and input that waits for the container must not be lost
    if (client.reading && (client.watch.events & POLLIN) === 0) {
      this.#loop.pause(client.watch);
      client.queue.clear();
      this.#loop.after(500, () => this.#loop.resume(client.watch));
      return;
    }
    if (client.reading) this.#endOfInput();
    this.#drop(client);
  }

  #deliver(client: Client, buffer: Buffer, at: number, length: number): void {
    if (client.queue.isEmpty) {
      const sent = this.#send(client, buffer, at, length);
      if (sent) return;
      if (!this.#clients.includes(client)) return;
      client.lastProgress = performance.now();
    }
    client.queue.push(buffer, at, length);
    client.watch.events |= POLLOUT;
    this.#watchForStalls();
  }

  #sendQueued(client: Client): void {
    const wasCongested = this.congested;
    const taken = client.queue.drain((buffer, at, length) => this.#send(client, buffer, at, length));
    if (taken > 0) client.lastProgress = performance.now();
    if (client.queue.isEmpty) client.watch.events &= ~POLLOUT;
    if (wasCongested && !this.congested) this.#onRelief();
  }

  /** False when there is no room now, or the client has gone and was dropped. */
  #send(client: Client, buffer: Buffer, at: number, length: number): boolean {
    try {
      return this.#sys.send(client.watch.descriptor, buffer, at, length, MSG_DONTWAIT) >= 0;
    } catch {
      this.#drop(client);
      return false;
    }
  }

  #drop(client: Client): void {
    if (!this.#clients.includes(client)) return;
    const wasCongested = this.congested;
    client.queue.clear();
    this.#setClients(this.#clients.filter((candidate) => candidate !== client));
    this.#loop.remove(client.watch);
    this.#sys.close(client.watch.descriptor);
    if (wasCongested && !this.congested) this.#onRelief();
  }

  #watchForStalls(): void {
    if (this.#stallTimer) return;
    this.#stallTimer = true;
    this.#loop.after(1000, () => {
      this.#stallTimer = false;
      this.#dropStalled(false);
      if (this.#clients.some((client) => !client.queue.isEmpty)) this.#watchForStalls();
    });
  }

  #dropStalled(everyone: boolean): void {
    const now = performance.now();
    for (const client of this.#clients) {
      const slow = everyone ? !client.queue.isEmpty : client.queue.bytes > QUEUE_LIMIT && !client.foreground;
      if (!slow || now - client.lastProgress < STALL_LIMIT_MS) continue;
      this.#diagnostics.warn("an attached client takes no output, closing its connection");
      this.#drop(client);
    }
  }
}
