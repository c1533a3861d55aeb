import { ToolError } from "../errors/tool-error.ts";
import type { Sys } from "../sys/sys.ts";
import { DbusWriter } from "./dbus-message.ts";
import { DbusReader } from "./dbus-reader.ts";
import { openManager } from "./systemd-manager.ts";

/** How a unit stands: `loaded` or `not-found`; `active`, `inactive`, `failed`, …; `running`, `exited`, `dead`, …. */
export interface UnitState {
  readonly name: string;
  readonly load: string;
  readonly active: string;
  readonly sub: string;
}

/** What is asked of systemd's manager about units; every function waits until it is done. */
export interface UnitManager {
  /** How the units stand, in the order that they were asked for; unknown ones are `not-found`. */
  states(names: readonly string[]): UnitState[];
  /** What became of it: `done`, `failed`, `timeout`, `dependency`, `canceled`, `skipped`. */
  restart(unit: string): string;
  stop(unit: string): string;
  /** Reads unit files again and runs generators. */
  reload(): void;
  close(): void;
}

/**
 * Connects to the manager of the system or of a user.
 *
 * @throws unavailable where there is none
 */
export function openUnitManager(sys: Sys, socket: string | undefined): UnitManager {
  if (socket === undefined) throw new ToolError("unavailable", "there is no systemd to ask: XDG_RUNTIME_DIR is not set");
  const manager = openManager(sys, socket);
  const job = (member: string, unit: string): string => {
    const body = new DbusWriter().string(unit).string("replace").bytes();
    const path = new DbusReader(
      manager.call({ member, signature: "ss", body }, `to ${member === "StopUnit" ? "stop" : "restart"} ${unit}`),
    ).string();
    return readJobRemoved(manager.waitForSignal("JobRemoved", (signal) => readJobRemoved(signal).path === path)).result;
  };
  return {
    states(names) {
      if (names.length === 0) return [];
      const body = new DbusWriter();
      body.array(4, () => names.forEach((name) => void body.string(name)));
      return readUnits(manager.call({ member: "ListUnitsByNames", signature: "as", body: body.bytes() }, "to tell how units stand"));
    },
    restart: (unit) => job("RestartUnit", unit),
    stop: (unit) => job("StopUnit", unit),
    reload: () => void manager.call({ member: "Reload", signature: "", body: new Uint8Array() }, "to reload"),
    close: () => manager.close(),
  };
}

function readJobRemoved(body: Uint8Array): { readonly path: string; readonly result: string } {
  const reader = new DbusReader(body);
  reader.uint32();
  const path = reader.string();
  reader.string();
  return { path, result: reader.string() };
}

/** a(ssssssouso): name, description, load, active, sub, followed, path, job id, job type, job path. */
function readUnits(body: Uint8Array): UnitState[] {
  const reader = new DbusReader(body);
  return reader.array(8, () => {
    const name = reader.align(8).string();
    reader.string();
    const [load, active, sub] = [reader.string(), reader.string(), reader.string()];
    for (let skipped = 0; skipped < 2; skipped += 1) reader.string();
    reader.uint32();
    for (let skipped = 0; skipped < 2; skipped += 1) reader.string();
    return { name, load, active, sub };
  });
}
