import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { saveWorkingContainer } from "../../working-container/create.ts";
import { openWorkingContainer } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

/** `buildah rename`. */
export const renameCommand = defineCommand({
  name: "rename",
  summary: "Rename a container",
  description: "Renames a local container.",
  usage: "CONTAINER NEW-NAME",
  examples: ["buildah rename containerName NewName", "buildah rename containerID NewName"],
  flags: {},
  args: { min: 2, max: 2 },
  run: ({ args, globals }) => {
    const store = openCommandStore(globals);
    const [name = "", wanted = ""] = args;
    const container = openWorkingContainer(store, name);
    if (container.name === wanted) throw new ToolError("invalid-argument", `renaming a container with the same name as its current name`);
    const other = store.containers.get(wanted);
    if (other !== undefined)
      throw new ToolError(
        "already-exists",
        `the container name ${JSON.stringify(wanted)} is already in use by container ${JSON.stringify(other.id)}`,
      );
    store.containers.setNames(container.id, [wanted]);
    saveWorkingContainer(store, { ...container, name: wanted });
    return undefined;
  },
});
