import { copyFileSync, lchownSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";

/** What must be given back when a command is over. */
export type Closers = Array<() => void>;

/** What a build writes into a bind mount is dropped afterwards: the context and other stages stay as they are. */
export function writableCopy(source: string, inputs: { readonly sys: Sys; readonly directory: string }, closers: Closers): string {
  const scratch = mkdtempSync(join(inputs.directory, "bind-"));
  if (!statSync(source).isDirectory()) {
    const copy = join(scratch, basename(source));
    copyFileSync(source, copy);
    return copy;
  }
  const [upper, work, merged] = ["upper", "work", "merged"].map((name) => join(scratch, name));
  if (upper === undefined || work === undefined || merged === undefined) throw new ToolError("internal", "no scratch directories");
  for (const directory of [upper, work, merged]) mkdirSync(directory);
  inputs.sys.mount("overlay", merged, "overlay", 0, `lowerdir=${source.replace(/([\\:,])/g, "\\$1")},upperdir=${upper},workdir=${work}`);
  closers.push(() => inputs.sys.umount2(merged, MNT_DETACH));
  return merged;
}

/** Makes the file, or the directory with everything in it, the owner's. Links are not followed. */
export function giveTo(path: string, owner: { readonly uid: number; readonly gid: number }): void {
  lchownSync(path, owner.uid, owner.gid);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveTo(join(path, name), owner);
}
