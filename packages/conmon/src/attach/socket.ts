import { AT_FDCWD, O_DIRECTORY, O_PATH, SOCK_NONBLOCK } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError } from "../diagnostics.ts";
import { removeIfThere } from "../files.ts";
import type { MonitorOptions } from "../options.ts";

/** sizeof(sun_path). */
const SUN_PATH_SIZE = 108;

export interface BoundSocket {
  readonly descriptor: number;
  /** The symlink to the bundle that stands for it in the socket directory, to be removed at the end. */
  readonly link: string | undefined;
}

/**
 * A non-blocking socket `name` in the bundle, replacing an old one. Bound through a descriptor of the directory, because the path may
 * be longer than an address can hold. Without `--full-attach`, clients come through a short symlink to the bundle, made here.
 */
export function bindInBundle(
  sys: MonitorSys,
  options: Pick<MonitorOptions, "bundle" | "fullAttach" | "socketDir" | "cuuid">,
  socket: { name: string; type: number; mode: number; fullPath?: boolean },
): BoundSocket {
  const bundle = options.bundle ?? "";
  const link = options.fullAttach || socket.fullPath === true ? undefined : linkToBundle(sys, options, bundle);
  const directory = sys.openat2(AT_FDCWD, bundle, O_PATH | O_DIRECTORY, 0, 0);
  const path = `${bundle}/${socket.name}`;
  try {
    removeIfThere(sys, path);
    const descriptor = sys.unixSocket(socket.type | SOCK_NONBLOCK);
    // narrow until the mode is set: nobody may connect in between
    const mask = sys.umask(0o177);
    sys.bind(descriptor, `/proc/self/fd/${directory}/${socket.name}`);
    sys.umask(mask);
    sys.fchmodat(AT_FDCWD, path, socket.mode);
    return { descriptor, link };
  } catch (error) {
    throw new MonitorError(`Failed to create socket ${path}`, { cause: error });
  } finally {
    sys.close(directory);
  }
}

function linkToBundle(sys: MonitorSys, options: Pick<MonitorOptions, "socketDir" | "cuuid">, bundle: string): string {
  const full = `${options.socketDir}/${options.cuuid ?? ""}`;
  // at exactly this length the link's own name would be taken for the socket's: one character less, as clients expect
  const link = full.length === SUN_PATH_SIZE - 1 ? full.slice(0, -1) : full;
  try {
    removeIfThere(sys, link);
    sys.symlinkat(bundle, AT_FDCWD, link);
  } catch (error) {
    throw new MonitorError(`Failed to create symlink ${link} for the attach socket`, { cause: error });
  }
  return link;
}
