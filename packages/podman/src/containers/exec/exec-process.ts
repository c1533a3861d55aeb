import { readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { ownCapabilities } from "@containers/common/security/own-capabilities";
import { lookUpGroups, lookUpUser } from "@containers/common/spec-builder/look-up-user";
import type { ProcessSpec } from "@containers/common/spec-builder/runtime-spec";
import type { Engine } from "../../engine/engine.ts";
import type { Container } from "../config.ts";
import type { ExecOptions } from "../options.ts";

/** The original's exit code for an exec session in a container that does not run, or for a user that it does not know. */
export function withExecExitCode<T>(deed: () => T): T {
  try {
    return deed();
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(error.kind, error.message, { code: error.code, exitCode: 255 });
  }
}

/** The process of the container itself with what the user wants different. */
export function processOfExec(engine: Engine, container: Container, options: ExecOptions): ProcessSpec {
  const { config, state } = container;
  const base = readProcess(`${config.staticDir}/config.json`);
  const root = state.pid > 0 ? `/proc/${state.pid}/root` : (state.mountPoint ?? "/");
  const user =
    options.user === undefined || options.user === ""
      ? undefined
      : withExecExitCode(() => lookUpUser(engine.sys, root, options.user ?? ""));
  // Groups that the container was given are everybody's in it.
  const added =
    user === undefined
      ? []
      : lookUpGroups(
          engine.sys,
          root,
          config.groupAdd.filter((name) => name !== "keep-groups"),
        );
  const isRoot = (user?.uid ?? base.user.uid) === 0;
  const allowed = options.privileged === true ? ownCapabilities().bounding : config.capabilities;
  // The host's name is told to the container's own process alone, unless it was asked for.
  const hostname = base.env.includes(`HOSTNAME=${config.id.slice(0, 12)}`) ? ["HOSTNAME"] : [];
  const names = new Set([...hostname, ...(options.env ?? []).map((entry) => entry.split("=")[0]), ...(user === undefined ? [] : ["HOME"])]);
  return {
    ...base,
    terminal: options.tty ?? false,
    args: options.command,
    cwd: options.workdir || config.workdir,
    user:
      user === undefined
        ? base.user
        : { ...base.user, uid: user.uid, gid: user.gid, additionalGids: [...new Set([user.gid, ...user.additionalGids, ...added])] },
    env: [
      ...base.env.filter((entry) => !names.has(entry.split("=")[0])),
      ...(user === undefined ? [] : [`HOME=${user.home}`]),
      ...(options.tty === true && !base.env.some((entry) => entry.startsWith("TERM=")) ? ["TERM=xterm"] : []),
      ...(options.env ?? []),
    ],
    capabilities: isRoot ? { bounding: allowed, effective: allowed, permitted: allowed } : { bounding: allowed },
  };
}

function readProcess(path: string): ProcessSpec {
  // Written by this engine when the container was started.
  const spec = JSON.parse(readFileSync(path, "utf8")) as { readonly process: ProcessSpec };
  return spec.process;
}
