import { existsSync, readFileSync } from "node:fs";
import { userPaths } from "../fs/xdg-paths.ts";

/** Of mounts.conf(5): the user's file, the administrator's, the distribution's; the first one counts. */
const FILES = ["/etc/containers/mounts.conf", "/usr/share/containers/mounts.conf"];

/** A path of the host that every container gets a copy of. */
export interface DefaultMount {
  readonly source: string;
  readonly target: string;
}

/** What mounts.conf (`host:container`, or one path for both, on each line) names and the host has. `file` stands in the place of the usual ones. */
export function readDefaultMounts(choice: { readonly file?: string | undefined; readonly rootless: boolean }): readonly DefaultMount[] {
  const path = mountsFile(choice);
  if (path === undefined) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("/"))
    .map((line) => {
      const [source = "", target = source] = line.split(":");
      return { source, target };
    })
    .filter(({ source }) => existsSync(source));
}

function mountsFile({ file = "", rootless }: { readonly file?: string | undefined; readonly rootless: boolean }): string | undefined {
  if (file !== "") return existsSync(file) ? file : undefined;
  return [...(rootless ? [`${userPaths().configHome}/containers/mounts.conf`] : []), ...FILES].find((path) => existsSync(path));
}
