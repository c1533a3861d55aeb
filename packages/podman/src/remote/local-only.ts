import { UsageError } from "@containers/common/cli/usage-error";
import { ToolError } from "@containers/common/errors/tool-error";

/** Commands that work on files and processes of this machine, which the original's client refuses. */
const COMMANDS: ReadonlySet<string> = new Set([
  "auto-update",
  "container cleanup",
  "container clone",
  "container mount",
  "container runlabel",
  "container unmount",
  "generate spec",
  "image mount",
  "image sign",
  "image trust set",
  "image trust show",
  "image unmount",
  "mount",
  "network reload",
  "pod clone",
  "quadlet install",
  "quadlet list",
  "quadlet print",
  "quadlet rm",
  "system migrate",
  "system renumber",
  "system reset",
  "system service",
  "unmount",
  "unshare",
  "volume mount",
  "volume reload",
  "volume unmount",
]);

/** Global flags that choose how this machine's engine works; a client has none of them. */
const GLOBAL_FLAGS = [
  ["cgroupManager", "cgroup-manager"],
  ["conmon", "conmon"],
  ["eventsBackend", "events-backend"],
  ["module", "module"],
  ["networkCmdPath", "network-cmd-path"],
  ["networkConfigDir", "network-config-dir"],
  ["root", "root"],
  ["runroot", "runroot"],
  ["runtime", "runtime"],
  ["runtimeFlag", "runtime-flag"],
  ["storageDriver", "storage-driver"],
  ["tmpdir", "tmpdir"],
  ["volumepath", "volumepath"],
] as const;

/** Flags that these commands lose with a service; without a pattern every command loses them. */
const FLAGS: ReadonlyArray<readonly [flag: string, commands?: RegExp]> = [
  ["latest"],
  ["cert-dir", /(^|container )(create|run)$|(^|image )(pull|search)$|(kube play|play kube)$|^artifact pull$/],
  ["env-host", /(^|container )(create|run)$/],
  ["no-session", /exec$/],
  ["build", /^(kube play|play kube)$/],
  ["context-dir", /^(kube play|play kube)$/],
  ["seccomp-profile-root", /^(kube play|play kube)$/],
];

interface RemoteInvocation {
  /** `podman container stop`. */
  readonly commandPath: string;
  readonly globals: Readonly<Record<string, unknown>>;
  given(flag: string): boolean;
}

/**
 * Refuses what cannot be asked of a service, in the original's words.
 * @throws ToolError
 */
export function refuseLocalOnly({ commandPath, globals, given }: RemoteInvocation): void {
  for (const [key, flag] of GLOBAL_FLAGS) {
    const value = globals[key];
    if (value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0))
      throw new ToolError("invalid-argument", `unknown flag: --${flag}`);
  }
  const words = commandPath.replace(/^\S+ /, "");
  if (COMMANDS.has(words))
    throw new ToolError("unsupported", `cannot use command ${JSON.stringify(commandPath)} with the remote podman client`);
  for (const [flag, commands] of FLAGS)
    if (given(flag) && (commands === undefined || commands.test(words))) throw new UsageError(`unknown flag: --${flag}`);
}
