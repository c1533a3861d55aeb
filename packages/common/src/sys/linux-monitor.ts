import { once } from "./linux/binding.ts";
import { clockSys } from "./linux/clock.ts";
import { fileSys } from "./linux/files.ts";
import { lockSys } from "./linux/locks.ts";
import { memorySys } from "./linux/memory.ts";
import { processSys } from "./linux/processes.ts";
import { socketSys } from "./linux/sockets.ts";
import { terminalSys } from "./linux/terminals.ts";
import type { MonitorSys } from "./sys.ts";

/** The part of `linuxSys()` that a container's monitor is made of: always the same object. */
export const linuxMonitorSys: () => MonitorSys = once(() => ({
  ...fileSys(),
  ...lockSys(),
  ...memorySys(fileSys()),
  ...processSys(),
  ...clockSys(),
  ...socketSys(),
  ...terminalSys(),
}));
