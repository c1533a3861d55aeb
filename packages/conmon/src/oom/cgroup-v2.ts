import { IN_MODIFY, POLLIN } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import { readIfThere } from "../files.ts";
import { isReadable, killCount, type OomPorts } from "./oom-ports.ts";

/** A change of the container's own counters that lies further back has nothing to do with its end. */
const RECENT_MS = 10_000;

/**
 * inotify on memory.events, whose `oom` and `oom_kill` counters tell what happened. Returns a last look at them, for the end.
 *
 * systemd removes the cgroup as soon as nothing runs in it, which may be before that look. The counters above it count for all that is below and
 * stay: when the container's own had changed shortly before, and one above has counted a kill since they were last read, that was the container's.
 */
export function watchOomV2(ports: OomPorts, cgroup: string): () => void {
  const { sys, loop } = ports;
  const notifications = sys.inotifyInit();
  try {
    sys.inotifyAdd(notifications, eventsIn(cgroup), IN_MODIFY);
  } catch (error) {
    sys.close(notifications);
    if (errnoCode(error) === "ENOENT") return () => undefined;
    throw error;
  }
  const counters = new OomCounters(ports, cgroup);
  const records = Buffer.alloc(4096);
  const take = (): void => counters.changed(hasModification(records, sys.read(notifications, records, 0, records.length)));
  loop.add(notifications, POLLIN, take);
  return () => {
    if (isReadable(sys, notifications)) take();
    if (!counters.look()) counters.lookAbove();
  };
}

class OomCounters {
  readonly #ports: OomPorts;
  readonly #cgroup: string;
  /** Kills below each of the cgroups above, nearest first, when the container's own were last read. */
  readonly #above = new Map<string, number>();
  #sum = 0;
  #changedAt = Number.NEGATIVE_INFINITY;

  constructor(ports: OomPorts, cgroup: string) {
    this.#ports = ports;
    this.#cgroup = cgroup;
    for (let above = parentOf(cgroup); ; above = parentOf(above)) {
      const kills = this.#kills(above);
      if (kills === undefined) break;
      this.#above.set(above, kills);
    }
    this.look();
  }

  /** `modified`: the container's own counters have changed, and are not just gone. */
  changed(modified: boolean): void {
    if (modified) this.#changedAt = performance.now();
    this.look();
  }

  /** False when the container's cgroup has gone. */
  look(): boolean {
    // Those above first: what is counted in between is then seen twice, not missed.
    const above = [...this.#above.keys()].map((directory) => [directory, this.#kills(directory)] as const);
    const events = readIfThere(this.#ports.sys, eventsIn(this.#cgroup));
    if (events === undefined) return false;
    for (const [directory, kills] of above) if (kills !== undefined) this.#above.set(directory, kills);
    const sum = oomCount(events);
    if (sum > this.#sum) this.#ports.onOom();
    this.#sum = Math.max(sum, this.#sum);
    return true;
  }

  lookAbove(): void {
    if (performance.now() - this.#changedAt > RECENT_MS) return;
    for (const [directory, before] of this.#above) {
      const kills = this.#kills(directory);
      if (kills === undefined) continue;
      if (kills > before) this.#ports.onOom();
      return;
    }
  }

  #kills(directory: string): number | undefined {
    const events = readIfThere(this.#ports.sys, eventsIn(directory));
    return events === undefined ? undefined : killCount(events);
  }
}

function eventsIn(cgroup: string): string {
  return `${cgroup}/memory.events`;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

/** Records of inotify(7): watch, mask, cookie and the length of the name that follows, 32 bits each. */
function hasModification(records: Buffer, length: number): boolean {
  for (let at = 0; at + 16 <= length; at += 16 + records.readUInt32LE(at + 12)) {
    if ((records.readUInt32LE(at + 4) & IN_MODIFY) !== 0) return true;
  }
  return false;
}

/** Sum of the two counters in the text of memory.events. */
export function oomCount(events: string): number {
  let sum = 0;
  for (const match of events.matchAll(/^(?:oom|oom_kill) (\d+)$/gm)) sum += Number(match[1]);
  return sum;
}
