import type { MonitorOptions } from "./options.ts";

/** argv of the OCI runtime, its path first. `consoleSocket` is given when the container has a terminal. */
export function runtimeArguments(options: MonitorOptions, consoleSocket: string | undefined): string[] {
  return [
    options.runtime,
    ...(options.systemdCgroup && !options.exec ? ["--systemd-cgroup"] : []),
    ...options.runtimeArgs,
    ...(options.exec ? execArguments(options) : createArguments(options)),
    ...options.runtimeOpts,
    ...(consoleSocket === undefined ? [] : ["--console-socket", consoleSocket]),
    options.cid,
  ];
}

function execArguments(options: MonitorOptions): string[] {
  return ["exec", "--pid-file", options.containerPidFile, "--process", options.execProcessSpec ?? "", "--detach"];
}

function createArguments(options: MonitorOptions): string[] {
  const bundle = options.bundle ?? "";
  return [
    options.restore === undefined ? "create" : "restore",
    "--bundle",
    bundle,
    "--pid-file",
    options.containerPidFile,
    ...(options.noPivot ? ["--no-pivot"] : []),
    ...(options.noNewKeyring ? ["--no-new-keyring"] : []),
    // a restored container runs at once: without --detach the runtime would stay with it
    ...(options.restore === undefined ? [] : ["--detach", "--image-path", options.restore, "--work-path", bundle]),
  ];
}
