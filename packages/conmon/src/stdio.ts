import { POLLERR, POLLHUP, POLLIN } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { AttachClients } from "./attach/clients.ts";
import { type Diagnostics, reason } from "./diagnostics.ts";
import type { LogDriver, StreamName } from "./logs/log-driver.ts";
import type { PollLoop, Watch } from "./poll-loop.ts";

/** A pipe's whole default capacity in one read. The first byte stays free for the attach protocol. */
const READ_SIZE = 65536;
/** Nobody has the terminal open: poll(2) would report that without end, so it is looked at now and then. */
const TERMINAL_RETRY_MS = 100;

interface Source {
  readonly stream: StreamName;
  readonly descriptor: number;
  readonly terminal: boolean;
  watch: Watch | undefined;
}

/** What came of one read: output, nothing now, or the end. */
type ReadOutcome = "data" | "nothing" | "end";

export interface OutputPorts {
  readonly sys: MonitorSys;
  readonly loop: PollLoop;
  readonly diagnostics: Diagnostics;
  readonly logs: readonly LogDriver[];
  readonly clients: AttachClients;
}

/** Carries the container's output to the logs and to the attached clients, in this order. */
export class ContainerOutput {
  readonly #ports: OutputPorts;
  #sources: Source[] = [];
  #buffer: Buffer | undefined;
  #logFailed = false;

  constructor(ports: OutputPorts) {
    this.#ports = ports;
    ports.clients.onRelief = () => this.#resumeAll();
    ports.loop.addCache(() => {
      this.#buffer = undefined;
      for (const log of ports.logs) log.trim();
    });
  }

  /** From now on reads `descriptor`, which is ours to close. A terminal carries both streams as stdout. */
  add(stream: StreamName, descriptor: number, terminal: boolean): void {
    this.#ports.sys.setNonBlocking(descriptor, true);
    const source: Source = { stream, descriptor, terminal, watch: undefined };
    source.watch = this.#ports.loop.add(descriptor, POLLIN, (revents) => this.#ready(source, revents));
    this.#sources.push(source);
  }

  /** Takes what is in the pipes now that the container has ended; does not wait for others that still hold them open. */
  drain(): void {
    this.#ports.clients.acceptWaiting();
    for (const source of [...this.#sources]) {
      while (this.#read(source) === "data") {
        if (this.#ports.clients.congested) this.#ports.clients.flush();
      }
    }
    for (const log of this.#ports.logs) this.#log(log, "stdout", undefined, 0);
  }

  close(): void {
    for (const source of [...this.#sources]) this.#close(source);
  }

  #ready(source: Source, revents: number): void {
    const outcome = (revents & POLLIN) === 0 ? "nothing" : this.#read(source);
    const hungUp = (revents & (POLLHUP | POLLERR)) !== 0;
    if (source.terminal && hungUp) {
      if (outcome !== "data") this.#retryLater(source);
      return;
    }
    if (outcome === "end" || (hungUp && outcome !== "data")) {
      this.#close(source);
      return;
    }
    if (this.#ports.clients.congested) this.#pauseAll();
  }

  #read(source: Source): ReadOutcome {
    const buffer = (this.#buffer ??= Buffer.allocUnsafeSlow(READ_SIZE + 1));
    let length: number;
    try {
      length = this.#ports.sys.read(source.descriptor, buffer, 1, READ_SIZE);
    } catch (error) {
      const code = errnoCode(error);
      if (code === "EAGAIN") return "nothing";
      // EIO: the last one who had the terminal open has closed it
      if (code !== "EIO" || !source.terminal) this.#ports.diagnostics.warn(`stdio_input read failed: ${reason(error)}`);
      return "end";
    }
    if (length === 0) return "end";
    for (const log of this.#ports.logs) this.#log(log, source.stream, buffer, length + 1);
    this.#ports.clients.broadcast(source.stream, buffer, 1, length + 1);
    return "data";
  }

  /**
   * Output up to `end` into a log, or, without any, what the log has held back. One that cannot be written (the disk is full) costs its lines; the container and
   * its clients go on. Said once, until it works again.
   */
  #log(log: LogDriver, stream: StreamName, output: Buffer | undefined, end: number): void {
    try {
      if (output === undefined) log.flush();
      else log.write(stream, output, 1, end);
      this.#logFailed = false;
    } catch (error) {
      if (!this.#logFailed) this.#ports.diagnostics.warn(`cannot write the log, output is being lost: ${reason(error)}`);
      this.#logFailed = true;
    }
  }

  #retryLater(source: Source): void {
    const { loop } = this.#ports;
    if (source.watch === undefined) return;
    loop.pause(source.watch);
    loop.after(TERMINAL_RETRY_MS, () => {
      if (source.watch !== undefined && !this.#ports.clients.congested) loop.resume(source.watch);
    });
  }

  #pauseAll(): void {
    for (const source of this.#sources) if (source.watch !== undefined) this.#ports.loop.pause(source.watch);
  }

  #resumeAll(): void {
    for (const source of this.#sources) if (source.watch !== undefined) this.#ports.loop.resume(source.watch);
  }

  #close(source: Source): void {
    if (source.watch === undefined) return;
    this.#ports.loop.remove(source.watch);
    source.watch = undefined;
    this.#sources = this.#sources.filter((candidate) => candidate !== source);
    this.#ports.sys.close(source.descriptor);
  }
}
