import { existsSync } from "node:fs";
import { isSystemdHost, ownsCgroup, readCgroupLayout, unifiedCgroupOf } from "@containers/common/cgroups/cgroup-layout";
import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { type ScopeRequest, startScope } from "@containers/common/cgroups/systemd-scope";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";

export interface MonitorScope {
  readonly config: Pick<ContainerConfig, "cgroupManager" | "cgroupParent" | "resources">;
  /** The container's or exec session's: what the scope is named for. */
  readonly id: string;
}

const RETRY_MS = 20;
const PATIENCE_MS = 1000;

/**
 * Gives a monitor that was just started a scope of systemd's, `libpod-conmon-ID.scope` beside the container's: it must not end with the session or
 * service that podman was called in, and an ordinary user's exec must begin in a cgroup of the user's own. One of a service of systemd's is its main
 * process and stays, unless the service is the system's and the user an ordinary one. A failure is told, nothing more.
 */
export function moveToScope(engine: Pick<Engine, "sys" | "rootless" | "warn">, pid: number, { config, id }: MonitorScope): void {
  if (!isSystemdHost() || staysWithCaller(engine, config)) return;
  const socket = managerSocket(engine.rootless, process.env["XDG_RUNTIME_DIR"]);
  if (socket === undefined || !existsSync(socket)) return;
  const unit = `libpod-conmon-${id}.scope`;
  // Started anew by the clean-up of its last run, which works in this very scope.
  if (unifiedCgroupOf(pid)?.endsWith(`/${unit}`) === true) return;
  const ownSlice = engine.rootless ? "user.slice" : "machine.slice";
  const slice = config.cgroupParent === "" ? ownSlice : (config.cgroupParent.split("/").at(-1) ?? ownSlice);
  try {
    startWhenFree(engine, { unit, slice, pid, socket });
  } catch (error) {
    engine.warn(`the monitor stays in the cgroup of this session: ${describeError(error)}`);
  }
}

function staysWithCaller(
  { rootless }: Pick<Engine, "rootless">,
  { cgroupManager, resources: { cgroups = "enabled" } }: Pick<ContainerConfig, "cgroupManager" | "resources">,
): boolean {
  if (cgroups === "disabled") return true;
  // On v1 an ordinary user's containers have no cgroup at all, and their monitors would end with the session all the same.
  if (cgroupManager !== "systemd") return !rootless || readCgroupLayout().version === 2 || ownsCgroup();
  const wanted = ["no-conmon", "split"].includes(cgroups) || (process.env["INVOCATION_ID"] ?? "") !== "";
  return wanted && (!rootless || ownsCgroup());
}

/**
 * Brings this process of an ordinary user into a scope `podman-PID.scope` of the user's manager when it is in a cgroup of the system's, in which the user
 * may make none. Without a manager nothing happens.
 *
 * @throws unavailable when systemd refuses
 */
export function enterOwnScope({ sys, rootless }: Pick<Engine, "sys" | "rootless">): void {
  if (!rootless || ownsCgroup() || !isSystemdHost()) return;
  const socket = managerSocket(rootless, process.env["XDG_RUNTIME_DIR"]);
  if (socket === undefined || !existsSync(socket)) return;
  startScope(sys, { unit: `podman-${process.pid}.scope`, slice: "user.slice", pid: process.pid, socket });
}

/** The monitor of the last run may still be at its end, and its scope with it. */
function startWhenFree(engine: Pick<Engine, "sys">, request: ScopeRequest): void {
  for (let waited = 0; ; waited += RETRY_MS) {
    try {
      startScope(engine.sys, request);
      return;
    } catch (error) {
      const taken = error instanceof ToolError && error.code === "org.freedesktop.systemd1.UnitExists";
      if (!taken || waited >= PATIENCE_MS) throw error;
    }
    Bun.sleepSync(RETRY_MS);
  }
}
