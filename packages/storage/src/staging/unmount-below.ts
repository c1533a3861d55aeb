import fs from "node:fs";
import { MNT_DETACH, UMOUNT_NOFOLLOW } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** Unmounts all that is mounted at or below a directory, innermost first. */
export function unmountBelow(sys: Sys, directory: string): void {
  if (!fs.existsSync(directory)) return;
  const targets = fs
    .readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => unescapeMountPath(line.split(" ")[4] ?? ""))
    .filter((target) => target === directory || target.startsWith(`${directory}/`));
  for (const target of targets.reverse()) sys.umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
}

/** The kernel writes blanks and the like in octal. */
function unescapeMountPath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
