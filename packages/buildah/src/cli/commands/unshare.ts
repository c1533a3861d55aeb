import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { run } from "@containers/common/process/run";
import { isRootless } from "@containers/common/rootless/rootless";
import type { Store } from "@containers/storage/store";
import { openWorkingContainer } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah unshare`: by the time it runs, this process is in the namespace. */
export const unshareCommand = defineCommand({
  name: "unshare",
  summary: "Run a command in a modified user namespace",
  description: "Runs a command in a modified user namespace.",
  usage: "[COMMAND [ARGS [...]]]",
  examples: [
    "buildah unshare id",
    "buildah unshare cat /proc/self/uid_map",
    "buildah unshare --mount containerID sh -c 'cat ${containerID}/etc/hosts'",
  ],
  flags: {
    mount: {
      type: "stringSlice",
      short: "m",
      description: "mount the specified containers (default [])",
    },
  },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async ({ args, flags, globals }) => {
    if (!isRootless()) throw new ToolError("invalid-state", "please use unshare with rootless");
    const [file = process.env["SHELL"], ...rest] = args;
    if (file === undefined) throw new ToolError("invalid-argument", "no command specified");
    const mounted = flags.mount.length === 0 ? undefined : mountAll(openCommandStore(globals), flags.mount);
    const isolation = { BUILDAH_ISOLATION: process.env["BUILDAH_ISOLATION"] ?? "rootless" };
    try {
      return (await run(file, rest, { stdio: "inherit", env: { ...process.env, ...isolation, ...mounted?.env } })).exitCode;
    } finally {
      mounted?.close();
    }
  },
});

interface MountedContainers {
  /** Where each container's files are, by the variable that says so. */
  readonly env: Readonly<Record<string, string>>;
  close(): void;
}

/** Mounts `[VARIABLE=]CONTAINER` for as long as the command runs. */
function mountAll(store: Store, specs: readonly string[]): MountedContainers {
  const ids: string[] = [];
  const env: Record<string, string> = {};
  const close = (): void => {
    for (const id of ids.reverse()) store.containers.unmount(id);
  };
  try {
    for (const spec of specs) {
      const equals = spec.indexOf("=");
      const name = spec.slice(equals + 1);
      const { id } = openNamed(store, name);
      env[equals === -1 ? name : spec.slice(0, equals)] = store.containers.mount(id);
      ids.push(id);
    }
  } catch (error) {
    close();
    throw error;
  }
  return { env, close };
}

function openNamed(store: Store, name: string): ReturnType<typeof openWorkingContainer> {
  try {
    return openWorkingContainer(store, name);
  } catch (error) {
    throw wrapError(`loading information about build container ${JSON.stringify(name)}`, error);
  }
}
