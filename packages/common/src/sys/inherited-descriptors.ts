import { readdirSync, readlinkSync } from "node:fs";

/**
 * Descriptors above 2 that the caller gave us: its pipes, sockets that keep published ports reserved, files for the container. The runtime marks
 * them all close-on-exec when it starts, so whoever starts a program hands them on by number. Must be called before this process opens any of its own.
 */
export function inheritedDescriptors(): number[] {
  const found: number[] = [];
  for (const name of readdirSync("/proc/self/fd")) {
    const fd = Number(name);
    if (fd > 2 && isForeign(fd)) found.push(fd);
  }
  return found.sort((first, second) => first - second);
}

/** The runtime's own are an epoll, an eventfd and its executable; the directory just listed is closed again. */
function isForeign(fd: number): boolean {
  try {
    const target = readlinkSync(`/proc/self/fd/${fd}`);
    return !target.startsWith("anon_inode:") && target !== process.execPath && !/^\/proc\/\d+\/fd$/.test(target);
  } catch {
    return false;
  }
}
