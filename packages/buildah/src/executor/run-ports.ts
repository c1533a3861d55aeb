import type { RunPorts } from "../run/execute-run.ts";
import type { BuildPorts } from "./build-options.ts";

/** The part of a build's ports that running commands needs. */
export function runPorts(
  ports: Pick<
    BuildPorts,
    "sys" | "network" | "runtimePaths" | "runtimeFlags" | "defaultRuntime" | "defaultUlimits" | "defaultMountsFile" | "signal"
  >,
): RunPorts {
  return {
    sys: ports.sys,
    network: ports.network,
    runtimePaths: ports.runtimePaths,
    ...(ports.runtimeFlags === undefined ? {} : { runtimeFlags: ports.runtimeFlags }),
    defaultUlimits: ports.defaultUlimits,
    ...(ports.defaultMountsFile === undefined ? {} : { defaultMountsFile: ports.defaultMountsFile }),
    ...(ports.defaultRuntime === undefined ? {} : { defaultRuntime: ports.defaultRuntime }),
    ...(ports.signal === undefined ? {} : { signal: ports.signal }),
  };
}
