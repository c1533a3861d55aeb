import { copyFileSync, existsSync, realpathSync, unlinkSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { openInRoot } from "@containers/common/fs/open-in-root";
import { O_CLOEXEC, O_DIRECTORY, O_PATH, O_RDONLY } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { ContainerConfig } from "../config.ts";
import { linkInEtc } from "./root-links.ts";

/**
 * `--tz`: /etc/localtime as a link into the image's own zone files or, where it has none, a copy of the host's.
 *
 * @returns the copy that is to be bound over /etc/localtime; undefined when nothing is
 * @throws invalid-argument for a zone that neither knows
 */
export function prepareTimezone(sys: Sys, config: ContainerConfig, rootfs: string): string | undefined {
  const { timezone } = config;
  if (timezone === "") return undefined;
  if (timezone !== "local" && hasZone(sys, rootfs, timezone)) {
    forgetLocaltime(sys, rootfs);
    if (linkInEtc(sys, { config, root: rootfs }, { name: "localtime", target: `../usr/share/zoneinfo/${timezone}` })) return undefined;
  }
  const copy = `${config.runDir}/localtime`;
  copyFileSync(zoneFile(timezone), copy);
  return copy;
}

/** @throws invalid-argument when the host has no such zone */
function zoneFile(timezone: string): string {
  const directory = process.env["TZDIR"] || "/usr/share/zoneinfo";
  const path = timezone === "local" ? "/etc/localtime" : `${directory}/${timezone}`;
  if (timezone.split("/").includes("..") || !existsSync(path)) {
    throw new ToolError("invalid-argument", `finding timezone for container: unknown time zone ${timezone}`);
  }
  return realpathSync(path);
}

function hasZone(sys: Sys, rootfs: string, timezone: string): boolean {
  try {
    sys.close(openInRoot(sys, rootfs, `/usr/share/zoneinfo/${timezone}`, O_RDONLY | O_CLOEXEC));
    return true;
  } catch (error) {
    if (errnoCode(error) === "ENOENT" || errnoCode(error) === "ENOTDIR") return false;
    throw error;
  }
}

function forgetLocaltime(sys: Sys, rootfs: string): void {
  const etc = openInRoot(sys, rootfs, "/etc", O_PATH | O_DIRECTORY | O_CLOEXEC);
  try {
    unlinkSync(`/proc/self/fd/${etc}/localtime`);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT" && errnoCode(error) !== "EROFS") throw error;
  } finally {
    sys.close(etc);
  }
}
