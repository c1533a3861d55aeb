import { mkdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { SpecMount } from "@containers/common/spec-builder/runtime-spec";
import { MSG_DONTWAIT, SOCK_DGRAM } from "@containers/common/sys/constants";
import type { Sys } from "@containers/common/sys/sys";
import type { Container, ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { giveToRoot } from "../user-namespaces/host-ids.ts";

const READY = "READY=1";
const HEALTH_POLL_MS = 100;

/** Tells systemd something (sd_notify(3)). An address with @ is abstract. */
function notify(sys: Sys, address: string, message: string): void {
  const fd = sys.unixSocket(SOCK_DGRAM);
  try {
    sys.connect(fd, address.startsWith("@") ? `\0${address.slice(1)}` : address);
    const bytes = Buffer.from(message);
    sys.send(fd, bytes, 0, bytes.length, MSG_DONTWAIT);
  } finally {
    sys.close(fd);
  }
}

/**
 * Tells systemd, where it listens, that the monitor is the service's main process from now on; and, where nobody inside is to say it, that the
 * service is ready. What cannot be told is a warning: the container runs.
 */
export function notifyStarted(engine: Pick<Engine, "sys" | "warn">, { config, state }: Container): void {
  const socket = config.notifySocket ?? process.env["NOTIFY_SOCKET"] ?? "";
  if (config.sdnotify === "ignore" || socket === "") return;
  const ready = config.sdnotify === "conmon" ? [READY] : [];
  tell(engine, socket, [`MAINPID=${state.conmonPid}`, ...ready].join("\n"));
}

/**
 * With `--sdnotify=healthy` the service is ready when its container is healthy: returns then, or when the container has ended. The caller holds no lock.
 */
export async function notifyWhenHealthy(engine: Pick<Engine, "sys" | "warn" | "state">, { id, sdnotify }: ContainerConfig): Promise<void> {
  if (sdnotify !== "healthy") return;
  for (;;) {
    const container = engine.state.containers.get(id);
    if (container?.state.status !== "running" && container?.state.status !== "paused") return;
    if (container.state.health?.status === "healthy") {
      const socket = container.config.notifySocket ?? process.env["NOTIFY_SOCKET"] ?? "";
      if (socket !== "") tell(engine, socket, READY);
      return;
    }
    await delay(HEALTH_POLL_MS);
  }
}

function tell(engine: Pick<Engine, "sys" | "warn">, address: string, message: string): void {
  try {
    notify(engine.sys, address, message);
  } catch (error) {
    engine.warn(`notifying systemd: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The container itself says when it is ready, through the monitor. */
function isContainers(config: ContainerConfig): boolean {
  return config.sdnotify === "container" && config.notifySocket !== undefined;
}

/** Where the container finds the socket that the monitor relays from. */
export function notifyMounts(config: ContainerConfig): SpecMount[] {
  if (!isContainers(config)) return [];
  const source = `${config.staticDir}/notify`;
  mkdirSync(source, { recursive: true, mode: 0o755 });
  giveToRoot(config, source);
  return [{ destination: "/run/notify", type: "bind", source, options: ["bind", "private"] }];
}

export function notifyEnvironment(config: ContainerConfig): string[] {
  return isContainers(config) ? ["NOTIFY_SOCKET=/run/notify/notify.sock"] : [];
}

/** The host's socket, for the monitor that relays to it. */
export function relayedSocket(config: ContainerConfig): string | undefined {
  return isContainers(config) ? config.notifySocket : undefined;
}
