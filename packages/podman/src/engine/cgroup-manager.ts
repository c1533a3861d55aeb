import { existsSync } from "node:fs";
import { hostUid, isSystemdHost, readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import type { Engine } from "./engine.ts";

/**
 * Who makes cgroups: what was asked for, else systemd where it runs, else nobody but podman (plain directories). An ordinary user without a session of
 * systemd's has no manager to ask, and is told so.
 */
export function chooseCgroupManager(asked: string, { rootless, warn }: Pick<Engine, "rootless" | "warn">): "systemd" | "cgroupfs" {
  if (asked === "cgroupfs") return "cgroupfs";
  // On v1 an ordinary user's systemd has no hierarchy that it may make cgroups in.
  if (asked !== "systemd" && (!isSystemdHost() || (rootless && readCgroupLayout().version === 1))) return "cgroupfs";
  if (!rootless || hasUserBus(process.env)) return "systemd";
  warn("The cgroupv2 manager is set to systemd but there is no systemd user session available");
  warn("For using systemd, you may need to log in using a user session");
  warn(`Alternatively, you can enable lingering with: \`loginctl enable-linger ${hostUid()}\` (possibly as root)`);
  warn("Falling back to --cgroup-manager=cgroupfs");
  return "cgroupfs";
}

/** Whether the bus is there through which the runtime asks the user's systemd. */
export function hasUserBus(env: Readonly<Record<string, string | undefined>>): boolean {
  const { DBUS_SESSION_BUS_ADDRESS: address, XDG_RUNTIME_DIR: runtimeDir } = env;
  if (address === undefined || address === "") return existsSync(`${runtimeDir || `/run/user/${hostUid()}`}/bus`);
  const path = address.split(",").find((part) => part.startsWith("unix:path="));
  return path !== undefined && existsSync(path.slice("unix:path=".length));
}
