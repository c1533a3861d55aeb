import { ToolError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import type { IdMapping, IdMappings } from "../../store.ts";
import type { OverlayMount } from "./mount-layer.ts";
import { escapeLower, escapeValue } from "./mount-options.ts";

export interface ProgramMount extends OverlayMount {
  readonly program: string;
  /** Owners are shown shifted by these maps. */
  readonly idMappings: IdMappings | undefined;
  /** Owners and modes stand in an attribute of their own. */
  readonly forcedModes: boolean;
}

/** Mounts by a FUSE program that takes overlay's options, as fuse-overlayfs does; it serves the mount until that is taken away. */
export function mountByProgram(mount: ProgramMount): void {
  const options = [`lowerdir=${mount.lower.map(escapeLower).join(":")}`];
  if (mount.upper !== undefined) options.push(`upperdir=${escapeValue(mount.upper.diff)}`, `workdir=${escapeValue(mount.upper.work)}`);
  options.push(...mount.options);
  if (mount.mountLabel !== undefined && mount.mountLabel !== "") options.push(`context="${mount.mountLabel}"`);
  if (mount.idMappings !== undefined) {
    options.push(`uidmapping=${mappingText(mount.idMappings.uidMap)}`, `gidmapping=${mappingText(mount.idMappings.gidMap)}`);
  }
  if (mount.forcedModes) options.push("xattr_permissions=2");
  const result = runSync(mount.program, ["-o", options.join(","), mount.target]);
  if (result.exitCode === 0) return;
  const said = Buffer.from(result.stderr).toString().trim() || "<stderr empty>";
  throw new ToolError("unavailable", `using mount program ${mount.program}: ${said}: exit status ${result.exitCode}`, {
    hint: "it needs /dev/fuse",
  });
}

function mappingText(map: readonly IdMapping[]): string {
  return map.map(({ containerId, hostId, size }) => `${containerId}:${hostId}:${size}`).join(":");
}
