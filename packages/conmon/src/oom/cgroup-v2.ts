import { IN_MODIFY, POLLIN } from "@containers/common/sys/constants";
import { errnoCode } from "@containers/common/sys/sys-error";
import { readIfThere } from "../files.ts";
import type { OomPorts } from "./watch-oom.ts";

/** inotify on memory.events, whose `oom` and `oom_kill` counters tell what happened. Returns a look at them for the end. */
export function watchOomV2(ports: OomPorts, cgroup: string): () => void {
  const { sys, loop } = ports;
  const path = `${cgroup}/memory.events`;
  const notifications = sys.inotifyInit();
  try {
    sys.inotifyAdd(notifications, path, IN_MODIFY);
  } catch (error) {
    sys.close(notifications);
    if (errnoCode(error) === "ENOENT") return () => undefined;
    throw error;
  }
  const last = { sum: 0 };
  const look = () => {
    // the cgroup goes away with the container
    const sum = oomCount(readIfThere(sys, path) ?? "");
    if (sum > last.sum) ports.onOom();
    last.sum = Math.max(sum, last.sum);
  };
  const events = Buffer.alloc(4096);
  loop.add(notifications, POLLIN, () => {
    sys.read(notifications, events, 0, events.length);
    look();
  });
  return look;
}

/** Sum of the two counters in the text of memory.events. */
export function oomCount(events: string): number {
  let sum = 0;
  for (const match of events.matchAll(/^(?:oom|oom_kill) (\d+)$/gm)) sum += Number(match[1]);
  return sum;
}
