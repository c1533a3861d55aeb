import { ToolError } from "@containers/common/errors/tool-error";
import type { Container } from "../config.ts";
import type { ContainerStatus } from "../state.ts";

/** What may be done to a container, by the status it is in: the only place that knows. */
const ALLOWED = {
  init: ["configured", "stopped", "exited"],
  start: ["configured", "created", "stopped", "exited"],
  exec: ["running"],
  attach: ["created", "running", "paused"],
  pause: ["running"],
  unpause: ["paused"],
  kill: ["running", "stopping", "paused"],
  stop: ["created", "running", "stopping", "paused"],
  remove: ["configured", "created", "stopped", "exited", "removing", "creating"],
  cleanup: ["configured", "created", "stopped", "exited", "stopping"],
  checkpoint: ["running"],
} as const satisfies Record<string, readonly ContainerStatus[]>;

export type Deed = keyof typeof ALLOWED;

/** Whether the deed may be done in this status. */
export function may(deed: Deed, status: ContainerStatus): boolean {
  const allowed: readonly ContainerStatus[] = ALLOWED[deed];
  return allowed.includes(status);
}

/** Throws invalid-state, with the original's words, when the deed may not be done now. */
export function requireDeed(deed: Deed, container: Container): void {
  if (may(deed, container.state.status)) return;
  throw new ToolError("invalid-state", `${refusal(deed, container)}: container state improper`, { code: `cannot-${deed}` });
}

/** The status as users see it. */
export function shownStatus(status: ContainerStatus): string {
  switch (status) {
    case "creating":
    case "configured":
      return "created";
    case "created":
      return "initialized";
    default:
      return status;
  }
}

function refusal(deed: Deed, { config, state }: Container): string {
  const shown = shownStatus(state.status);
  switch (deed) {
    case "exec":
      return "can only create exec sessions on running containers";
    case "kill":
      return `can only kill running containers. ${config.id} is in state ${shown}`;
    case "pause":
      return state.status === "paused" ? `"${config.id}" is already paused` : `"${shown}" is not running, can't pause`;
    case "unpause":
      return `"${config.id}" is not paused, can't unpause`;
    case "remove":
      return `cannot remove container ${config.id} as it is ${shown} - running or paused containers cannot be removed without force`;
    case "attach":
      return "you can only attach to running containers";
    case "init":
      return `container ${config.id} has already been created in runtime`;
    case "start":
      return `container ${config.id} must be in Created or Stopped state to be started`;
    default:
      return `cannot ${deed} container ${config.id} as it is ${shown}`;
  }
}
