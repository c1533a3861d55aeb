import type { Sys } from "../sys/sys.ts";
import { unifiedCgroupOf } from "./cgroup-layout.ts";
import { DbusWriter } from "./dbus-message.ts";
import { callManager, type ManagerCall } from "./systemd-manager.ts";

export interface ScopeRequest {
  /** `NAME.scope`. */
  readonly unit: string;
  readonly slice: string;
  /** The process that the scope is made around. */
  readonly pid: number;
  /** The manager's own socket: the system's, or that of the user's manager. */
  readonly socket: string;
}

const WAIT_MS = 1000;

/**
 * Puts a process into a new transient scope of systemd's, so that it outlives the session or service that it was started from, and, rootless, so that
 * its cgroup is the user's own. Returns when it is there. Throws `unavailable` when systemd refuses.
 */
export function startScope(sys: Sys, request: ScopeRequest): void {
  callManager(sys, request.socket, { calls: [startTransientUnit(request)], doing: `to make ${request.unit}` });
  // The answer names a job; it is done when the process has moved.
  for (let waited = 0; waited < WAIT_MS && unifiedCgroupOf(request.pid)?.endsWith(`/${request.unit}`) === false; waited += 1)
    Bun.sleepSync(1);
}

function startTransientUnit({ unit, slice, pid }: ScopeRequest): ManagerCall {
  const body = new DbusWriter().string(unit).string("fail");
  const property = (name: string, type: string, value: () => void): void => {
    body.align(8).string(name).signature(type);
    value();
  };
  body.array(8, () => {
    property("Slice", "s", () => body.string(slice));
    property("PIDs", "au", () => body.array(4, () => body.uint32(pid)));
    property("Delegate", "b", () => body.boolean(true));
    property("DefaultDependencies", "b", () => body.boolean(false));
  });
  body.array(8, () => undefined);
  return { member: "StartTransientUnit", signature: "ssa(sv)a(sa(sv))", body: body.bytes() };
}
