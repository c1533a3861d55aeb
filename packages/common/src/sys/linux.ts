import { once } from "./linux/binding.ts";
import { extendedAttributeSys } from "./linux/extended-attributes.ts";
import { interfaceSys } from "./linux/interfaces.ts";
import { mountSys } from "./linux/mounts.ts";
import { namespaceSys } from "./linux/namespaces.ts";
import { quotaSys } from "./linux/quotas.ts";
import { linuxMonitorSys } from "./linux-monitor.ts";
import type { Sys } from "./sys.ts";

/**
 * The kernel of this machine: always the same object. Making it binds nothing; a subject's functions of
 * libc are looked up when the first of them is called.
 */
export const linuxSys: () => Sys = once(() => ({
  ...linuxMonitorSys(),
  ...extendedAttributeSys(),
  ...mountSys(),
  ...namespaceSys(),
  ...quotaSys(),
  ...interfaceSys(),
}));
