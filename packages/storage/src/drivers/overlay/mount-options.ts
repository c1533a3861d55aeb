import { MS_NOATIME, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_RELATIME } from "@containers/common/sys/constants";

/** Options that are bits of mount(2) rather than text for the file system; zero for those that say what is so anyway. */
const FLAGS: Readonly<Record<string, number>> = {
  defaults: 0,
  rw: 0,
  dev: 0,
  suid: 0,
  exec: 0,
  ro: MS_RDONLY,
  nodev: MS_NODEV,
  nosuid: MS_NOSUID,
  noexec: MS_NOEXEC,
  noatime: MS_NOATIME,
  relatime: MS_RELATIME,
};

/** Parts a list of mount options into mount(2)'s flags and what is left for the file system. */
export function splitMountOptions(options: readonly string[]): { flags: number; data: readonly string[] } {
  let flags = 0;
  const data: string[] = [];
  for (const option of options) {
    const flag = FLAGS[option];
    if (flag === undefined) data.push(option);
    else flags |= flag;
  }
  return { flags, data };
}

/** A path as part of `lowerdir=`, where colons part the directories and commas the options. */
export function escapeLower(directory: string): string {
  return directory.replace(/[\\:,]/g, "\\$&");
}

/** A path as the value of any other option. */
export function escapeValue(value: string): string {
  return value.replace(/[\\,]/g, "\\$&");
}
