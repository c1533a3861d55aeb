import { existsSync } from "node:fs";
import { isSystemdHost } from "@containers/common/cgroups/cgroup-layout";
import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { startTimer, stopTimer } from "@containers/common/cgroups/systemd-timer";
import { describeError, wrapError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";

/** Timers of systemd's that make health checks. */
export interface HealthUnits {
  start(timer: { readonly unit: string; readonly command: readonly string[]; readonly intervalMs: number }): void;
  /** A failure is told, nothing more. */
  stop(unit: string): void;
}

/** Undefined where no systemd serves this user, or `DISABLE_HC_SYSTEMD=true` says not to ask it. */
export function healthUnits(engine: Pick<Engine, "sys" | "rootless" | "warn">): HealthUnits | undefined {
  if (!isSystemdHost() || process.env["DISABLE_HC_SYSTEMD"] === "true") return undefined;
  const socket = managerSocket(engine.rootless, process.env["XDG_RUNTIME_DIR"]);
  if (socket === undefined || !existsSync(socket)) return undefined;
  return {
    start(timer) {
      try {
        startTimer(engine.sys, { ...timer, environment: unitEnvironment(), socket });
      } catch (error) {
        throw wrapError("create healthcheck", error);
      }
    },
    stop(unit) {
      try {
        stopTimer(engine.sys, socket, unit);
      } catch (error) {
        engine.warn(`removing the health-check timer ${unit}: ${describeError(error)}`);
      }
    },
  };
}

const UNIT_VARIABLES = /^(PATH|HOME|USER|LOGNAME|LANG|TERM|TMPDIR|XDG_.*|CONTAINERS_.*|STORAGE_.*|DBUS_SESSION_BUS_ADDRESS|PODMAN_.*)$/;

/**
 * What a check needs to find the same files, and no more: everybody can read a unit. Not the word that this process is in the user namespace already either:
 * a service of systemd's begins outside.
 */
function unitEnvironment(): string[] {
  return Object.entries(process.env).flatMap(([name, value]) =>
    value !== undefined && UNIT_VARIABLES.test(name) ? [`${name}=${value}`] : [],
  );
}
