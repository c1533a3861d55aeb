import { ToolError } from "../errors/tool-error.ts";
import { errnoCode } from "../sys/sys-error.ts";
import { callProgram } from "./call-program.ts";
import type { OciRuntime, OciRuntimeState, RuntimeCheckpoint } from "./runtime.ts";
import { runtimeError } from "./runtime-error.ts";

export interface RuntimeProgram {
  readonly name: string;
  readonly path: string;
  readonly globalArguments: readonly string[];
}

/** An {@link OciRuntime} that calls the program, once per operation, and turns what it writes into errors. */
export function execRuntime(program: RuntimeProgram): OciRuntime {
  const call = (args: readonly string[], partner?: number): string => {
    const result = invoke(program, args, partner);
    if (result.exitCode !== 0) throw runtimeError(program.name, result.stderr);
    return result.stdout;
  };
  return {
    ...program,
    async start(id, pid) {
      call(["start", id], pid);
    },
    async kill(id, signal, all = false) {
      call(["kill", ...(all ? ["--all"] : []), id, String(signal)]);
    },
    async delete(id, force = false) {
      const args = ["delete", ...(force ? ["--force"] : []), id];
      let result = invoke(program, args);
      // One that was killed half way can be asked again.
      for (let tries = 0; result.exitCode > 128 && tries < 2; tries++) result = invoke(program, args);
      if (result.exitCode !== 0) throw runtimeError(program.name, result.stderr);
    },
    async pause(id) {
      call(["pause", id]);
    },
    async resume(id) {
      call(["resume", id]);
    },
    async state(id) {
      const result = invoke(program, ["state", id]);
      return result.exitCode === 0 ? parseState(program.name, result.stdout) : undefined;
    },
    async update(id, resources) {
      const result = callProgram(program.path, [...arguments_(program), "update", "--resources", "-", id], {
        input: JSON.stringify(resources),
      });
      if (result.exitCode !== 0) throw runtimeError(program.name, result.stderr);
    },
    async checkpoint(id, options) {
      call(["checkpoint", ...checkpointFlags(options), id]);
    },
    supportsCheckpoint() {
      return invoke(program, ["checkpoint", "--help"]).exitCode === 0;
    },
  };
}

function checkpointFlags(options: RuntimeCheckpoint): string[] {
  return [
    "--image-path",
    options.imagePath,
    "--work-path",
    options.workPath,
    ...(options.leaveRunning === true ? ["--leave-running"] : []),
    ...(options.tcpEstablished === true ? ["--tcp-established"] : []),
    ...(options.fileLocks === true ? ["--file-locks"] : []),
    ...(options.preDump === true ? ["--pre-dump"] : []),
    ...(options.parentPath === undefined ? [] : ["--parent-path", options.parentPath]),
  ];
}

function invoke(program: RuntimeProgram, args: readonly string[], partner?: number): { exitCode: number; stdout: string; stderr: string } {
  try {
    return callProgram(program.path, [...arguments_(program), ...args], partner === undefined ? {} : { partner });
  } catch (error) {
    if (errnoCode(error) === undefined) throw error;
    throw new ToolError("unavailable", `running the OCI runtime ${program.path}`, {
      cause: error,
      hint: `install the package ${program.name}`,
    });
  }
}

function arguments_(program: RuntimeProgram): string[] {
  return ["--log-format=json", ...program.globalArguments];
}

function parseState(name: string, text: string): OciRuntimeState {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== "object" || parsed === null || !("status" in parsed))
    throw runtimeError(name, `unexpected answer to state: ${text}`);
  const pid = "pid" in parsed && typeof parsed.pid === "number" ? parsed.pid : 0;
  return { status: knownStatus(parsed.status), pid };
}

function knownStatus(status: unknown): OciRuntimeState["status"] {
  switch (status) {
    case "creating":
    case "created":
    case "running":
    case "paused":
      return status;
    default:
      return "stopped";
  }
}
