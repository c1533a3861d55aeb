import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { findWorkingContainer, listWorkingContainers } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah umount`. */
export const umountCommand = defineCommand({
  name: "umount",
  aliases: ["unmount"],
  summary: "Unmount the root file system of the specified working containers",
  description: "Unmounts the root file system of the specified working containers.",
  usage: "[CONTAINER...]",
  examples: ["buildah umount containerID", "buildah umount containerID1 containerID2 containerID3", "buildah umount --all"],
  flags: { all: { type: "bool", short: "a", description: "umount all of the currently mounted containers" } },
  args: { min: 0 },
  run: ({ flags, args, globals, out }) => {
    if (args.length === 0 && !flags.all) throw new ToolError("invalid-argument", "at least one container ID must be specified");
    if (args.length > 0 && flags.all)
      throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any container IDs");
    const store = openCommandStore(globals);
    const names = flags.all
      ? listWorkingContainers(store)
          .filter((container) => isMounted(container.id))
          .map((container) => container.id)
      : args;
    let last: unknown;
    for (const name of names) {
      try {
        const container = findWorkingContainer(store, name);
        if (container === undefined) throw new ToolError("not-found", "container not known", { code: "container-unknown" });
        if (!isMounted(container.id)) continue;
        store.containers.unmount(container.id);
        out.stdout(`${container.id}\n`);
      } catch (error) {
        if (last !== undefined) out.stderr(`${describeError(last)}\n`);
        last = wrapError(`error unmounting container ${name}`, error);
      }
    }
    if (last !== undefined) throw last;
    return undefined;

    function isMounted(id: string): boolean {
      const layer = store.containers.get(id)?.layer;
      return layer !== undefined && store.layers.mountPoint(layer) !== undefined;
    }
  },
});
