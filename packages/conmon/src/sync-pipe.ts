import type { MonitorSys } from "@containers/common/sys/sys";
import { errnoCode } from "@containers/common/sys/sys-error";
import { MonitorError } from "./diagnostics.ts";
import type { MonitorOptions } from "./options.ts";

/** The pipe on which the engine learns the container's pid or why there is none. */
export interface SyncPipe {
  /** The descriptor, or undefined when there was none or the reader has gone. */
  readonly descriptor: number | undefined;
  /** One message: a pid, an exit status, or a negative number with the reason. */
  report(value: number, message?: string): void;
}

export const NO_ATTACH_PIPE = "--attach specified but _OCI_ATTACHPIPE was not";

/** A descriptor that the engine named in this variable of the environment, made close-on-exec; undefined when it did not. Throws MonitorError. */
export function inheritedPipe(sys: MonitorSys, name: string): number | undefined {
  const value = process.env[name];
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value.trim())) throw new MonitorError(`unable to parse ${name}`);
  try {
    sys.setCloseOnExec(Number(value), true);
  } catch (error) {
    throw new MonitorError(`unable to make ${name} CLOEXEC`, { cause: error });
  }
  return Number(value);
}

/** A closed reader is tolerated: the container outlives the engine. */
export function syncPipe(sys: MonitorSys, descriptor: number | undefined, options: Pick<MonitorOptions, "apiVersion" | "exec">): SyncPipe {
  const state = { descriptor };
  const key = options.apiVersion >= 1 ? "data" : options.exec ? "exit_code" : "pid";
  return {
    get descriptor() {
      return state.descriptor;
    },
    report(value, message) {
      if (state.descriptor === undefined) return;
      const text = message === undefined || message === "" ? "" : `, "message": "${escapeJson(message)}"`;
      const bytes = Buffer.from(`{"${key}": ${value}${text}}\n`);
      try {
        for (let at = 0; at < bytes.length; ) at += sys.write(state.descriptor, bytes, at, bytes.length - at);
      } catch (error) {
        if (errnoCode(error) !== "EPIPE") throw error;
        sys.close(state.descriptor);
        state.descriptor = undefined;
      }
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t" };

/** Quotes, backslashes and control characters; everything else as it is, so that the length stays predictable for old readers. */
export function escapeJson(text: string): string {
  return text.replace(
    /[\\"\u0000-\u001f\u007f]/g,
    (character) => ESCAPES[character] ?? `\\u00${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
