import { existsSync } from "node:fs";
import { isSystemdHost } from "@containers/common/cgroups/cgroup-layout";
import { managerSocket } from "@containers/common/cgroups/systemd-manager";
import { startTimer, stopTimer } from "@containers/common/cgroups/systemd-timer";
import { describeError, wrapError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { monitorEnvironment } from "../../monitor/monitor-environment.ts";

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

/** What the monitor gets, without the word that this process is in the user namespace already: a service of systemd's begins outside. */
function unitEnvironment(): string[] {
  return monitorEnvironment(process.env, false).filter((entry) => !/^(_CONTAINERS_|LISTEN_)/.test(entry));
}
