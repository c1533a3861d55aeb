const NAMES: Readonly<Record<number, string>> = {
  61267: "extfs",
  1481003842: "xfs",
  2435016766: "btrfs",
  16914836: "tmpfs",
  2035054128: "overlayfs",
  801189825: "zfs",
};

/** A file system by the type that statfs(2) tells, in containers/storage's words. */
export function fileSystemName(type: number): string {
  return NAMES[type] ?? "<unknown>";
}
