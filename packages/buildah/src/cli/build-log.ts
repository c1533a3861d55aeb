import { closeSync, openSync } from "node:fs";
import { writeFully } from "@containers/common/cli/output";
import { wrapError } from "@containers/common/errors/tool-error";
import { machinePlatform } from "@containers/image/local-images/platform";
import type { PlatformChoice } from "@containers/image/transports/transport";
import type { BuildPorts } from "../executor/build-options.ts";
import type { AnyInvocation } from "./open-ports.ts";

export interface BuildLog {
  /** The ports, writing to the log file if there is one. */
  wrap(ports: BuildPorts): BuildPorts;
  /** With `--logsplit` the ports of one platform's build, writing to a file of its own. */
  forPlatform(ports: BuildPorts, platform: PlatformChoice): { readonly ports: BuildPorts; close(): void };
  close(): void;
}

/** `--logfile` and `--logsplit`: everything that would be printed goes to files instead. */
export function openBuildLog(invocation: AnyInvocation): BuildLog {
  const path = invocation.flags["logfile"];
  const nothing = (): void => undefined;
  if (typeof path !== "string" || path === "")
    return { wrap: (ports) => ports, forPlatform: (ports) => ({ ports, close: nothing }), close: nothing };
  const main = openLogFile(path);
  return {
    wrap: (ports) => main.wrap(ports),
    forPlatform: (ports, platform) => {
      if (invocation.flags["logsplit"] !== true) return { ports, close: nothing };
      const machine = machinePlatform();
      const file = openLogFile(`${path}_${platform.os ?? machine.os}_${platform.architecture ?? machine.architecture}`);
      return { ports: file.wrap(ports), close: () => file.close() };
    },
    close: () => main.close(),
  };
}

function openLogFile(path: string): Pick<BuildLog, "wrap" | "close"> {
  const fd = openFile(path);
  const empty = openSync("/dev/null", "r");
  return {
    wrap: (ports) => ({
      ...ports,
      stdout: (text) => writeFully(fd, text),
      stderr: (text) => writeFully(fd, text),
      stdio: [empty, fd, fd],
    }),
    close: () => {
      closeSync(fd);
      closeSync(empty);
    },
  };
}

/** `--log-rusage` and `--rusage-logfile`: where it is told what each step used; nowhere when nobody wants to know. */
export function openUsageLog(
  { flags }: AnyInvocation,
  { stdout }: Pick<BuildPorts, "stdout">,
): { write?(line: string): void; close(): void } {
  if (flags["logRusage"] !== true || flags["quiet"] === true) return { close: () => undefined };
  const path = flags["rusageLogfile"];
  if (typeof path !== "string" || path === "") return { write: (line) => stdout(`${line}\n`), close: () => undefined };
  const fd = openFile(path, "creating file to store rusage logs");
  return { write: (line) => writeFully(fd, `${line}\n`), close: () => closeSync(fd) };
}

function openFile(path: string, what = "opening log file"): number {
  try {
    return openSync(path, "w", 0o600);
  } catch (error) {
    throw wrapError(what, error);
  }
}
