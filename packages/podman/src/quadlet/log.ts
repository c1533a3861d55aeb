import { openSync, writeSync } from "node:fs";

export interface GeneratorLog {
  say(text: string): void;
  /** Said only when asked for much. */
  debug(text: string): void;
  /** Said, and the generator fails in the end. */
  error(text: string): void;
  failed(): boolean;
}

/** While a machine boots there is no journal yet: messages go to the kernel's log, and to standard error where that is closed. */
export function openLog(options: { readonly verbose: boolean; readonly dryRun: boolean; readonly noKmsg: boolean }): GeneratorLog {
  let kernelLog = options.noKmsg || options.dryRun ? -1 : undefined;
  let failed = false;
  const say = (text: string): void => {
    const line = `quadlet-generator[${process.pid}]: ${text}`;
    kernelLog ??= openKernelLog();
    if (!writeTo(kernelLog, line)) writeTo(2, `${line}\n`);
  };
  return {
    say,
    debug: (text) => {
      if (options.verbose || options.dryRun) say(text);
    },
    error: (text) => {
      failed = true;
      say(text);
    },
    failed: () => failed,
  };
}

function openKernelLog(): number {
  try {
    return openSync("/dev/kmsg", "w");
  } catch {
    return -1;
  }
}

function writeTo(fd: number, text: string): boolean {
  try {
    return fd >= 0 && writeSync(fd, text) > 0;
  } catch {
    return false;
  }
}
