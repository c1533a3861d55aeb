import { closeSync, existsSync, openSync, writeSync } from "node:fs";
import { POLLIN } from "@containers/common/sys/constants";
import type { OomPorts } from "./watch-oom.ts";

/** An eventfd registered on memory.oom_control. It also fires once when the cgroup is removed. */
export function watchOomV1(ports: OomPorts, cgroup: string): void {
  const { sys, loop } = ports;
  const control = openSync(`${cgroup}/cgroup.event_control`, "w");
  const oomControl = openSync(`${cgroup}/memory.oom_control`, "r");
  const event = sys.eventfd();
  try {
    writeSync(control, `${event} ${oomControl}`);
  } finally {
    closeSync(control);
  }
  const counter = Buffer.alloc(8);
  loop.add(event, POLLIN, () => {
    const removed = !existsSync(`${cgroup}/cgroup.event_control`);
    sys.read(event, counter, 0, counter.length);
    if (counter.readBigUInt64LE() > (removed ? 1n : 0n)) ports.onOom();
  });
}
