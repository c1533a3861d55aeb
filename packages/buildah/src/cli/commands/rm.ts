import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { findWorkingContainer, listWorkingContainers } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah rm`. */
export const rmCommand = defineCommand({
  name: "rm",
  aliases: ["delete"],
  summary: "Remove one or more working containers",
  description: "Removes one or more working containers, unmounting them if necessary.",
  usage: "[CONTAINER...]",
  examples: ["buildah rm containerID", "buildah rm containerID1 containerID2 containerID3", "buildah rm --all"],
  flags: { all: { type: "bool", short: "a", description: "remove all containers" } },
  args: { min: 0 },
  run: ({ flags, args, globals, out }) => {
    if (args.length === 0 && !flags.all) throw new ToolError("invalid-argument", "container ID must be specified");
    if (args.length > 0 && flags.all)
      throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any containers names or IDs");
    const store = openCommandStore(globals);
    const names = flags.all ? listWorkingContainers(store).map((container) => container.id) : args;
    let last: unknown;
    for (const name of names) {
      try {
        const container = findWorkingContainer(store, name);
        if (container === undefined) throw new ToolError("not-found", "container not known", { code: "container-unknown" });
        store.containers.remove(container.id);
        out.stdout(`${container.id}\n`);
      } catch (error) {
        if (last !== undefined) out.stderr(`${describeError(last)}\n`);
        last = wrapError(`removing container ${JSON.stringify(name)}`, error);
      }
    }
    if (last !== undefined) throw last;
    return undefined;
  },
});
