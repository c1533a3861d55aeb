import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { isReplaceable } from "@containers/common/fs/atomic-write";
import type { OciRuntime } from "@containers/common/oci-runtime/runtime";
import { runtimeError } from "@containers/common/oci-runtime/runtime-error";
import type { Engine } from "../../engine/engine.ts";
import { createArguments } from "../../monitor/conmon-arguments.ts";
import { monitorEnvironment } from "../../monitor/monitor-environment.ts";
import { moveToScope } from "../../monitor/monitor-scope.ts";
import { type RuntimeRoot, runtimeWithRoot } from "../../monitor/runtime-root.ts";
import { type RunningMonitor, startMonitor } from "../../monitor/start-monitor.ts";
import { relayedSocket } from "../../systemd/notify.ts";
import type { PassedDescriptors } from "../../systemd/passed-descriptors.ts";
import type { ContainerConfig } from "../config.ts";
import type { NetworkPlace } from "../prepare/network.ts";
import { isSplit, moveAside } from "../prepare/split-cgroup.ts";
import type { ExitLease } from "./exit-lease.ts";
import { readOciLog } from "./oci-log.ts";
import type { RestoreRun } from "./write-bundle.ts";

/** Starts the monitor, and with it the runtime. The caller closes its pipes. */
export function launchMonitor(
  engine: Engine,
  config: ContainerConfig,
  run: {
    readonly place: NetworkPlace;
    readonly lease: ExitLease | undefined;
    readonly rootfs: string;
    readonly passed: PassedDescriptors;
    /** What the log driver's entries are named. */
    readonly logTag: string | undefined;
    readonly runtimeRoot?: RuntimeRoot;
    readonly restore?: RestoreRun;
  },
): RunningMonitor {
  const conmon = engine.conmon();
  const runtime = engine.runtime(config.runtime);
  const persistDir = `${engine.paths.persistDir}/${config.id}`;
  for (const directory of [engine.paths.exitsDir, persistDir]) mkdirSync(directory, { recursive: true, mode: 0o750 });
  // A leftover of an earlier run would be taken for this one's end.
  for (const leftover of [`${engine.paths.exitsDir}/${config.id}`, config.pidfile, `${config.runDir}/oci-log`])
    if (isReplaceable(leftover)) rmSync(leftover, { force: true });
  const log = monitorLog(config, run.logTag);
  if (isSplit(config)) moveAside();
  const notifySocket = relayedSocket(config);
  engine.debug(() => `running conmon: ${conmon.path}`);
  const monitor = startMonitor(engine.sys, {
    path: conmon.path,
    isOwn: conmon.isOwn,
    cwd: config.staticDir,
    env: [
      ...monitorEnvironment(process.env, { isOwn: conmon.isOwn, rootless: engine.rootless }),
      ...engine.defaults.conmonEnv,
      ...(run.lease === undefined ? [] : [`_CONMON_EXIT_LEASE=${run.lease.path}`]),
    ],
    ...(config.log.driver.startsWith("passthrough") ? { stdio: [0, 1, 2] as const } : {}),
    inherited: run.place.portDescriptors,
    passed: run.passed,
    beforeGo: (pid) => moveToScope(engine, pid, { config, id: config.id }),
    args: createArguments({
      containerId: config.id,
      name: config.name,
      ...runtimeCommand(withCgroups(runtime, config, engine.config.engine.runtimeSupportsNocgroup), run),
      bundle: config.staticDir,
      pidFile: config.pidfile,
      exitDir: engine.paths.exitsDir,
      persistDir,
      terminal: config.tty,
      stdin: config.stdin,
      ...log,
      logLevel: engine.globals.logLevel ?? "warning",
      ociLog: `${config.runDir}/oci-log`,
      timeout: config.timeout,
      noPivot: engine.defaults.noPivotRoot,
      noKeyring: !engine.defaults.keyring,
      ...(run.restore === undefined ? {} : { restore: run.restore }),
      ...(notifySocket === undefined ? {} : { sdnotifySocket: notifySocket }),
      preserveFds: run.passed.count,
      exitCommand: engine.cleanupCommand(["container", "cleanup", "--stopped-only", ...(config.autoRemove ? ["--rm"] : []), config.id]),
    }),
  });
  for (const fd of run.place.portDescriptors) engine.sys.close(fd);
  writeFileSync(config.conmonPidfile, String(monitor.pid), { mode: 0o644 });
  return monitor;
}

/** The runtime as it is to treat cgroups. */
function withCgroups(runtime: OciRuntime, config: ContainerConfig, able: readonly string[]): Pick<OciRuntime, "path" | "globalArguments"> {
  if (isSplit(config)) return { path: runtime.path, globalArguments: withoutSystemd(runtime) };
  // Whose the cgroup is was settled when the container was made.
  if (config.resources.cgroups !== "disabled") {
    const others = withoutSystemd(runtime);
    return { path: runtime.path, globalArguments: config.cgroupManager === "systemd" ? [...others, "--systemd-cgroup"] : others };
  }
  if (!able.includes(runtime.name))
    throw new ToolError("unsupported", `--cgroups=disabled needs one of the runtimes ${able.join(", ")}, and this is ${runtime.name}`, {
      hint: "containers.conf's runtime_supports_nocgroup",
    });
  return { path: runtime.path, globalArguments: [...withoutSystemd(runtime), "--cgroup-manager=disabled"] };
}

function withoutSystemd({ globalArguments }: Pick<OciRuntime, "globalArguments">): string[] {
  return globalArguments.filter((argument) => argument !== "--systemd-cgroup");
}

/** How the monitor starts the runtime; through a program of ours when that has to prepare the root file system's place. */
function runtimeCommand(
  runtime: Pick<OciRuntime, "path" | "globalArguments">,
  run: { readonly rootfs: string; readonly runtimeRoot?: RuntimeRoot },
) {
  if (run.runtimeRoot !== undefined) {
    const { path, args } = runtimeWithRoot(runtime.path, run.rootfs, run.runtimeRoot);
    return { runtimePath: path, runtimePrefix: args, runtimeArguments: runtime.globalArguments, systemdCgroup: false };
  }
  return {
    runtimePath: runtime.path,
    runtimeArguments: withoutSystemd(runtime),
    systemdCgroup: runtime.globalArguments.includes("--systemd-cgroup"),
  };
}

function monitorLog({ log }: ContainerConfig, tag: string | undefined) {
  const { driver, path, maxSize } = log;
  return {
    // The monitor's own names: it does not mind whether a stream is a terminal.
    logDriver: driver === "json-file" ? "k8s-file" : driver === "passthrough-tty" ? "passthrough" : driver,
    logPath: path,
    ...(maxSize === undefined ? {} : { logMaxSize: maxSize }),
    ...(tag === undefined || driver === "k8s-file" || driver === "json-file" ? {} : { logTag: tag }),
  };
}

/** Waits for the monitor's word; a failure of the runtime becomes the error that its log tells. */
export function awaitPid(engine: Engine, config: ContainerConfig, monitor: RunningMonitor): number {
  const message = monitor.readMessage();
  if (message !== undefined && message.data > 0) {
    engine.debug(() => `Received: ${message.data}`);
    engine.debug(() => `Created container ${config.id} in OCI runtime`);
    return message.data;
  }
  const runtime = engine.runtime(config.runtime);
  const told = readOciLog(`${config.runDir}/oci-log`) || message?.message;
  if (told !== undefined && told !== "") throw runtimeError(runtime.name, told);
  throw new ToolError("internal", `the monitor of container ${config.id} ended before the container was made`, { exitCode: 126 });
}
