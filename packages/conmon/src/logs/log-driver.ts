import { AT_FDCWD, O_PATH } from "@containers/common/sys/constants";
import type { MonitorSys } from "@containers/common/sys/sys";
import { MonitorError } from "../diagnostics.ts";
import type { MonitorOptions } from "../options.ts";

export type StreamName = "stdout" | "stderr";

/** One place where the container's output is kept. */
export interface LogDriver {
  /**
   * Takes the bytes `start` to `end`; the buffer is used again afterwards. Every byte must have left this process
   * (partial lines that a format has to hold back excepted) when it returns. Throws when it could not be written.
   */
  write(stream: StreamName, buffer: Buffer, start: number, end: number): void;
  /** Writes what was held back. */
  flush(): void;
  /** Starts the log anew, because an operator has moved it away. */
  reopen(): void;
  /** Lets go of memory that is only kept for the next write. */
  trim(): void;
  /** Makes what was written durable. */
  sync(): void;
}

/** What `--log-path` asked for, in all its repetitions. */
export interface LogPlan {
  readonly k8sFile: string | undefined;
  readonly journald: boolean;
  /** The container gets our own standard streams; nothing is read, and there is nothing to attach to. */
  readonly passthrough: boolean;
}

const SILENT: ReadonlySet<string> = new Set(["off", "null", "none"]);

/** `DRIVER:PATH`, `DRIVER`, `:PATH` or just a path, which means k8s-file. Throws MonitorError. */
export function parseLogPaths(specs: readonly string[]): LogPlan {
  const plan: { k8sFile: string | undefined; journald: boolean; passthrough: boolean } = {
    k8sFile: undefined,
    journald: false,
    passthrough: false,
  };
  for (const spec of specs) {
    const colon = spec.indexOf(":");
    const driver = colon < 0 ? spec : spec.slice(0, colon);
    const path = colon < 0 ? "" : spec.slice(colon + 1);
    if (spec === "" || spec === ":") throw new MonitorError("log-path must not be empty");
    if (driver === "" && path !== "") plan.k8sFile = path;
    else if (SILENT.has(driver)) continue;
    else if (driver === "passthrough") plan.passthrough = true;
    else if (driver === "journald") plan.journald = true;
    else if (driver === "k8s-file" || driver === "json-file") plan.k8sFile = requirePath(driver, path);
    else if (colon < 0) plan.k8sFile = spec;
    else throw new MonitorError(`No such log driver ${driver}`);
  }
  return plan;
}

/** Opens what was planned; a driver's module is loaded only when it is used. Throws MonitorError. */
export async function openLogDrivers(sys: MonitorSys, plan: LogPlan, options: MonitorOptions): Promise<LogDriver[]> {
  const drivers: LogDriver[] = [];
  if (plan.k8sFile !== undefined) {
    const { K8sFileLog } = await import("./k8s-file.ts");
    drivers.push(new K8sFileLog(sys, plan.k8sFile, options));
  }
  if (plan.journald) {
    const { JournaldLog } = await import("./journald.ts");
    drivers.push(new JournaldLog(sys, options));
  }
  return drivers;
}

type PlanOptions = Pick<MonitorOptions, "cid" | "logTag" | "logLabels" | "logAllowlistDirs">;

/** What the drivers cannot do together. Throws MonitorError. */
export function checkLogPlan(sys: MonitorSys, plan: LogPlan, options: PlanOptions): void {
  if (plan.k8sFile !== undefined && !plan.journald && options.logTag !== undefined)
    throw new MonitorError("k8s-file doesn't support --log-tag");
  if (plan.k8sFile !== undefined && !plan.journald && options.logLabels.length > 0)
    throw new MonitorError("k8s-file doesn't support --log-label");
  if (plan.journald) for (const label of options.logLabels) checkLabel(label);
  if (plan.k8sFile !== undefined && options.logAllowlistDirs.length > 0) checkPlace(sys, plan.k8sFile, options.logAllowlistDirs);
  if (plan.journald && options.cid.length <= 12) throw new MonitorError("Container ID must be longer than 12 characters");
}

function requirePath(driver: string, path: string): string {
  if (path === "") throw new MonitorError(`${driver} requires a filename`);
  return path;
}

function checkLabel(label: string): void {
  const [name = "", ...values] = label.split("=");
  const form = "Container labels must be in format LABEL=VALUE";
  if (label.startsWith("=")) throw new MonitorError(`${form} (no LABEL present in '${label}')`);
  if (values.length !== 1) throw new MonitorError(`${form} (none or more than one '=' present in '${label}')`);
  if (!/^[A-Z0-9_]+$/.test(name))
    throw new MonitorError(`Container label names must contain only uppercase letters, numbers and underscore (in '${label}')`);
}

/** The directory as it really is: a link out of an allowed one leads nowhere. */
function checkPlace(sys: MonitorSys, file: string, allowed: readonly string[]): void {
  const real = (path: string): string | undefined => {
    try {
      const fd = sys.openat2(AT_FDCWD, path, O_PATH, 0, 0);
      const found = sys.readlinkat(AT_FDCWD, `/proc/self/fd/${fd}`);
      sys.close(fd);
      return found;
    } catch {
      return undefined;
    }
  };
  const slash = file.lastIndexOf("/");
  const directory = real(slash < 0 ? "." : file.slice(0, slash + 1));
  const fits = allowed.some((path) => {
    const top = real(path);
    return top !== undefined && directory !== undefined && `${directory}/`.startsWith(top === "/" ? "/" : `${top}/`);
  });
  if (!fits) throw new MonitorError(`log file ${file} is in no allowed directory`);
}
