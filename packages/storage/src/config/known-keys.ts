/** Keys of storage.conf by table. Tables of drivers that are refused by name are among them: their keys mean nothing to others. */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
  "": ["storage"],
  storage: ["driver", "driver_priority", "runroot", "imagestore", "graphroot", "rootless_storage_path", "transient_store", "options"],
  "storage.options": [
    "additionalimagestores",
    "additionallayerstores",
    "imagestore",
    "size",
    "ignore_chown_errors",
    "use_composefs",
    "force_mask",
    "root-auto-userns-user",
    "auto-userns-min-size",
    "auto-userns-max-size",
    "aufs",
    "btrfs",
    "thinpool",
    "overlay",
    "vfs",
    "zfs",
    "skip_mount_home",
    "mount_program",
    "mountopt",
    "pull_options",
    "disable-volatile",
  ],
  "storage.options.overlay": [
    "ignore_chown_errors",
    "mountopt",
    "mount_program",
    "size",
    "inodes",
    "skip_mount_home",
    "use_composefs",
    "force_mask",
  ],
  "storage.options.vfs": ["ignore_chown_errors"],
  "storage.options.aufs": ["mountopt"],
  "storage.options.btrfs": ["min_space", "size"],
  "storage.options.zfs": ["mountopt", "fsname", "size"],
  "storage.options.thinpool": [],
};

/** Names of the keys that mean nothing, `storage.options.remap-user`: misspelt, or of another version. */
export function unknownKeys(table: Readonly<Record<string, unknown>>, name = ""): string[] {
  const known = KNOWN[name];
  if (known === undefined) return [];
  return Object.entries(table).flatMap(([key, value]) => {
    const full = name === "" ? key : `${name}.${key}`;
    if (!known.includes(key)) return [full];
    return typeof value === "object" && value !== null && !Array.isArray(value) ? unknownKeys(value as Record<string, unknown>, full) : [];
  });
}
