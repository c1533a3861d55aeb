import { AT_FDCWD, O_DIRECTORY, O_RDONLY } from "./constants.ts";
import { linuxMonitorSys } from "./linux-monitor.ts";
import type { MonitorSys } from "./sys.ts";

/**
 * Descriptors above 2 that the caller gave us: its pipes, sockets that keep published ports reserved, files for the container. The runtime marks
 * them all close-on-exec when it starts, so whoever starts a program hands them on by number. Must be called before this process opens any of its own.
 */
export function inheritedDescriptors(): number[] {
  const sys = linuxMonitorSys();
  const directory = sys.openat2(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY, 0, 0);
  const listed = sys.readDirectory(directory).map(Number);
  sys.close(directory);
  return listed.filter((fd) => fd > 2 && isForeign(sys, fd)).sort((first, second) => first - second);
}

/** The runtime's own are an epoll, an eventfd and its executable; the directory just listed is closed again, so it has no target. */
function isForeign(sys: MonitorSys, fd: number): boolean {
  try {
    const target = sys.readlinkat(AT_FDCWD, `/proc/self/fd/${fd}`);
    return !target.startsWith("anon_inode:") && target !== process.execPath && !/^\/proc\/\d+\/fd$/.test(target);
  } catch {
    return false;
  }
}
