import { defineCommand } from "@containers/common/cli/define-command";
import { describeError } from "@containers/common/errors/tool-error";
import { reloadVolumes } from "../../../volumes/reload.ts";
import { engineFor } from "../container/targets.ts";

/** `podman volume reload`. */
export const volumeReloadCommand = defineCommand({
  name: "reload",
  summary: "Reload all volumes from volume plugins",
  description:
    "Asks all configured volume plugins for their volumes: those that podman does not know are added, and those that a plugin has no longer are removed.",
  examples: ["podman volume reload"],
  flags: {},
  args: { max: 0 },
  run: async (invocation) => {
    const { added, removed, errors } = await reloadVolumes(engineFor(invocation));
    const { out } = invocation;
    if (added.length > 0) out.stdout(`Added:\n${added.join("\n")}\n`);
    if (removed.length > 0) out.stdout(`Removed:\n${removed.join("\n")}\n`);
    for (const error of errors) out.stderr(`Error: ${describeError(error)}\n`);
    return errors.length > 0 ? 125 : 0;
  },
});
