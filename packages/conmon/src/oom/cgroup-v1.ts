import { AT_FDCWD, O_RDONLY, POLLIN } from "@containers/common/sys/constants";
import { exists, writeText } from "../files.ts";
import type { OomPorts } from "./watch-oom.ts";

/** An eventfd registered on memory.oom_control. It also fires once when the cgroup is removed. */
export function watchOomV1(ports: OomPorts, cgroup: string): void {
  const { sys, loop } = ports;
  const oomControl = sys.openat2(AT_FDCWD, `${cgroup}/memory.oom_control`, O_RDONLY, 0, 0);
  const event = sys.eventfd();
  writeText(sys, `${cgroup}/cgroup.event_control`, `${event} ${oomControl}`);
  const counter = Buffer.alloc(8);
  loop.add(event, POLLIN, () => {
    const removed = !exists(sys, `${cgroup}/cgroup.event_control`);
    sys.read(event, counter, 0, counter.length);
    if (counter.readBigUInt64LE() > (removed ? 1n : 0n)) ports.onOom();
  });
}
