import { once } from "./linux/binding.ts";
import { clockSys } from "./linux/clock.ts";
import { extendedAttributeSys } from "./linux/extended-attributes.ts";
import { fileSys } from "./linux/files.ts";
import { interfaceSys } from "./linux/interfaces.ts";
import { lockSys } from "./linux/locks.ts";
import { mountSys } from "./linux/mounts.ts";
import { namespaceSys } from "./linux/namespaces.ts";
import { processSys } from "./linux/processes.ts";
import { quotaSys } from "./linux/quotas.ts";
import { socketSys } from "./linux/sockets.ts";
import { terminalSys } from "./linux/terminals.ts";
import type { Sys } from "./sys.ts";

/**
 * The kernel of this machine: always the same object. Making it binds nothing; a subject's functions of
 * libc are looked up when the first of them is called.
 */
export const linuxSys: () => Sys = once(() => ({
  ...fileSys(),
  ...extendedAttributeSys(),
  ...lockSys(),
  ...mountSys(),
  ...namespaceSys(),
  ...quotaSys(),
  ...interfaceSys(),
  ...processSys(),
  ...clockSys(),
  ...socketSys(),
  ...terminalSys(),
}));
