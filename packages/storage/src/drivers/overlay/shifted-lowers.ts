import fs from "node:fs";
import path from "node:path";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { shiftedMount } from "../../id-shift/shifted-mount.ts";
import { withUserNamespace } from "../../id-shift/user-namespace.ts";
import type { IdMappings } from "../../store.ts";

/**
 * Calls `mount` with the lower directories as seen through mounts that shift their owners, and takes those mounts down again: the overlay
 * holds on to them. `scratch` is a directory for the mount points. Each store directory is mounted once, whatever the number of layers.
 */
export function withShiftedLowers(
  sys: Sys,
  request: {
    readonly lower: readonly string[];
    readonly homes: readonly string[];
    readonly mappings: IdMappings;
    readonly scratch: string;
  },
  mount: (lower: readonly string[]) => void,
): void {
  const mounted: string[] = [];
  try {
    const shifted = withUserNamespace(sys, request.mappings, (namespace) => {
      const roots = new Map<string, string>();
      return request.lower.map((directory) => {
        const home = request.homes.find((one) => directory.startsWith(`${one}/`)) ?? directory;
        const root = roots.get(home) ?? path.join(request.scratch, String(roots.size));
        if (!roots.has(home)) {
          fs.mkdirSync(root, { recursive: true, mode: 0o700 });
          shiftedMount(sys, { source: home, target: root, namespace });
          mounted.push(root);
          roots.set(home, root);
        }
        return path.join(root, path.relative(home, directory));
      });
    });
    mount(shifted);
  } finally {
    for (const target of mounted) sys.umount2(target, MNT_DETACH);
    fs.rmSync(request.scratch, { recursive: true, force: true });
  }
}
