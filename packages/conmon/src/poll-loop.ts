import type { MonitorSys, PollEntry } from "@containers/common/sys/sys";

/** One descriptor in a {@link PollLoop}. Change `events` at any time; {@link PollLoop.pause} also silences hang-ups. */
export interface Watch extends PollEntry {
  readonly descriptor: number;
  readonly onReady: (revents: number) => void;
}

/** After this many rounds there is garbage worth collecting … */
const BUSY_ROUNDS = 100;
/** … once nothing has happened for this long … */
const IDLE_MS = 1000;
/** … or when so many more have come without such a pause. */
const MOST_ROUNDS = 4000;

/** What is done about memory at the right moments. */
export interface Housekeeping {
  /** Much has happened: when there is a pause, and now and then when there is none. */
  collect(): void;
  /** The first pause has come after the beginning or after much that happened: it may last. */
  settle(): void;
}

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/**
 * The monitor's only waiting place: poll(2) over a list of descriptors. Synchronous on purpose: the runtime's own event loop,
 * streams and promises would multiply the memory of a process of which a machine runs hundreds.
 */
export class PollLoop {
  readonly #sys: MonitorSys;
  #watches: Watch[] = [];
  #timers: Timer[] = [];
  readonly #housekeeping: Housekeeping;
  #caches: (() => void)[] = [];
  #removed = false;
  #rounds = 0;
  #settled = false;

  constructor(sys: MonitorSys, housekeeping: Housekeeping = { collect: () => undefined, settle: () => undefined }) {
    this.#sys = sys;
    this.#housekeeping = housekeeping;
  }

  /** The descriptor stays the caller's; it must be removed here before it is closed. */
  add(descriptor: number, events: number, onReady: (revents: number) => void): Watch {
    const watch: Watch = { fd: descriptor, events, revents: 0, descriptor, onReady };
    this.#watches.push(watch);
    return watch;
  }

  remove(watch: Watch): void {
    this.pause(watch);
    this.#watches = this.#watches.filter((candidate) => candidate !== watch);
    this.#removed = true;
  }

  /** poll(2) skips negative numbers, so neither input nor a hang-up wakes us. */
  pause(watch: Watch): void {
    watch.fd = -1;
    watch.revents = 0;
  }

  resume(watch: Watch): void {
    watch.fd = watch.descriptor;
  }

  after(milliseconds: number, fire: () => void): void {
    this.#timers.push({ at: performance.now() + milliseconds, fire });
  }

  /** `drop` lets go of memory that is only kept to be used again; it is called when garbage is collected. */
  addCache(drop: () => void): void {
    this.#caches.push(drop);
  }

  /** Waits and dispatches until `done` answers true; it is asked after every round. */
  runUntil(done: () => boolean): void {
    while (!done()) this.#round(this.#settled && this.#rounds < BUSY_ROUNDS ? -1 : IDLE_MS);
  }

  /** One round that waits at most `milliseconds`. */
  runOnce(milliseconds: number): void {
    this.#round(milliseconds);
  }

  #round(limit: number): void {
    const watches = this.#watches;
    const ready = this.#sys.poll(watches, this.#timeout(limit));
    this.#rounds++;
    const quiet = ready === 0 && limit === IDLE_MS;
    if (quiet || this.#rounds >= MOST_ROUNDS) this.#keepHouse(quiet);
    if (this.#timers.length > 0) this.#fireTimers();
    if (ready > 0) this.#dispatch(watches, ready);
  }

  /** A handler may remove any watch: what is removed was paused, which cleared its events. */
  #dispatch(watches: readonly Watch[], ready: number): void {
    let left = ready;
    this.#removed = false;
    // by index: the list may grow while we walk, and what is new has no events yet
    for (let index = 0; left > 0 && index < watches.length; index++) {
      const watch = watches[index];
      if (watch === undefined || watch.revents === 0) continue;
      left--;
      const revents = watch.revents;
      watch.revents = 0;
      watch.onReady(revents);
      if (this.#removed) left = watches.length;
    }
  }

  #keepHouse(quiet: boolean): void {
    if (this.#rounds >= BUSY_ROUNDS) {
      for (const drop of this.#caches) drop();
      this.#housekeeping.collect();
    }
    this.#rounds = 0;
    this.#settled ||= quiet;
    if (quiet) this.#housekeeping.settle();
  }

  #timeout(limit: number): number {
    if (this.#timers.length === 0) return limit;
    let next = Number.POSITIVE_INFINITY;
    for (const timer of this.#timers) next = Math.min(next, timer.at);
    const wait = Math.max(0, Math.ceil(next - performance.now()));
    return limit < 0 ? wait : Math.min(limit, wait);
  }

  #fireTimers(): void {
    const now = performance.now();
    if (!this.#timers.some((timer) => timer.at <= now)) return;
    const due = this.#timers.filter((timer) => timer.at <= now);
    this.#timers = this.#timers.filter((timer) => timer.at > now);
    for (const timer of due) timer.fire();
  }
}
