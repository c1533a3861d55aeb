import { AT_EMPTY_PATH, AT_FDCWD, MOUNT_ATTR_IDMAP, MOVE_MOUNT_F_EMPTY_PATH, OPEN_TREE_CLONE } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** Mounts `source` at `target` with its owners shifted by the maps of the user namespace; mounts below `source` are left out. */
export function shiftedMount(sys: Sys, request: { source: string; target: string; namespace: number }): void {
  const tree = sys.openTree(AT_FDCWD, request.source, OPEN_TREE_CLONE);
  try {
    sys.mountSetattr(tree, "", AT_EMPTY_PATH, { set: MOUNT_ATTR_IDMAP, userNamespaceFd: request.namespace });
    sys.moveMount(tree, "", AT_FDCWD, request.target, MOVE_MOUNT_F_EMPTY_PATH);
  } finally {
    sys.close(tree);
  }
}
