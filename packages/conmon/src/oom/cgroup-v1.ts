import { AT_FDCWD, O_RDONLY, POLLIN } from "@containers/common/sys/constants";
import { exists, readIfThere, writeText } from "../files.ts";
import { isReadable, killCount, type OomPorts } from "./oom-ports.ts";

/** An eventfd registered on memory.oom_control. It also fires once when the cgroup is removed. Returns a last look, for the end. */
export function watchOomV1(ports: OomPorts, cgroup: string): () => void {
  const { sys, loop } = ports;
  const path = `${cgroup}/memory.oom_control`;
  const oomControl = sys.openat2(AT_FDCWD, path, O_RDONLY, 0, 0);
  const event = sys.eventfd();
  writeText(sys, `${cgroup}/cgroup.event_control`, `${event} ${oomControl}`);
  const counter = Buffer.alloc(8);
  const take = (): void => {
    const removed = !exists(sys, `${cgroup}/cgroup.event_control`);
    sys.read(event, counter, 0, counter.length);
    if (counter.readBigUInt64LE() > (removed ? 1n : 0n)) ports.onOom();
  };
  loop.add(event, POLLIN, take);
  return () => {
    if (isReadable(sys, event)) take();
    else if (killCount(readIfThere(sys, path) ?? "") > 0) ports.onOom();
  };
}
