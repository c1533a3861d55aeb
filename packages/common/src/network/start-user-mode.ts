import { rmSync } from "node:fs";
import { isErrorOfKind, ToolError } from "../errors/tool-error.ts";
import { removeNetns } from "./netns.ts";
import { hasPasta, startPasta } from "./pasta/pasta.ts";
import type { PortMapping } from "./port-mapping.ts";
import { startSlirp } from "./slirp4netns/slirp4netns.ts";
import { stopHelper, type UserModeNetwork } from "./user-mode.ts";

export interface UserModeSettings {
  /** `pasta` or `slirp4netns`: what was asked for by name. By default pasta, and slirp4netns where that does not work. */
  readonly program?: "pasta" | "slirp4netns";
  readonly helperDirs?: readonly string[];
  readonly pastaOptions?: readonly string[];
  readonly slirpOptions?: readonly string[];
  /** slirp4netns itself, where it is not to be looked for. */
  readonly slirpPath?: string;
  readonly warn?: (message: string) => void;
}

export interface StartUserModeOptions extends UserModeSettings {
  readonly ports: readonly PortMapping[];
  /** Where pasta is to write its pid; by default a file in `socketDir`, gone again when this returns. */
  readonly pidFile?: string;
  /** An existing directory for pasta's pid file and slirp4netns's control socket. */
  readonly socketDir: string;
}

/** Connects a namespace without privileges, publishing ports. `in-use` errors mean a port; nothing is left running on failure. */
export async function startUserMode(netnsPath: string, options: StartUserModeOptions): Promise<UserModeNetwork> {
  const slirp = () =>
    startSlirp(netnsPath, {
      ports: options.ports,
      program: options.slirpPath,
      options: options.slirpOptions,
      helperDirs: options.helperDirs,
      socketDir: options.socketDir,
    });
  if (options.program === "slirp4netns") return slirp();
  if (options.program === undefined && !hasPasta(options.helperDirs)) return slirp();
  const pidFile = options.pidFile ?? `${options.socketDir}/pasta-${process.pid}.pid`;
  try {
    return await startPasta(netnsPath, {
      ports: options.ports,
      options: options.pastaOptions,
      helperDirs: options.helperDirs,
      pidFile,
    });
  } catch (error) {
    if (options.program === "pasta" || isErrorOfKind(error, "in-use") || !(error instanceof ToolError) || error.code !== "pasta-failed")
      throw error;
    options.warn?.(`${error.message}; using slirp4netns instead`);
    return slirp();
  } finally {
    if (options.pidFile === undefined) rmSync(pidFile, { force: true });
  }
}

/**
 * Disconnects and removes a namespace that {@link startUserMode} served. pasta ends by itself when the namespace goes, unless that
 * happens before it has begun to watch for it; so both get a signal.
 */
export async function stopUserMode(netnsPath: string, network: Pick<UserModeNetwork, "program" | "pid"> | undefined): Promise<void> {
  if (network?.pid === undefined) removeNetns(netnsPath);
  else await stopHelper(network.pid, netnsPath, () => removeNetns(netnsPath));
}
