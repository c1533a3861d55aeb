import { defineCommand } from "@containers/common/cli/define-command";
import { pruneVolumes } from "../../../volumes/remove.ts";
import { onSide } from "../../on-side.ts";
import { confirm } from "../container/prune.ts";
import { printReports } from "../container/targets.ts";

/** `podman volume prune`. */
export const volumePruneCommand = defineCommand({
  name: "prune",
  summary: "Remove all unused volumes",
  description: "Removes all volumes that no container uses.",
  examples: ["podman volume prune", "podman volume prune --force"],
  flags: {
    filter: { type: "stringArray", description: "Only volumes that fit (label=, until=)" },
    force: { type: "bool", short: "f", description: "Do not ask" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    if (!flags.force && !confirm(out, "WARNING! This will remove all volumes not used by at least one container.")) return undefined;
    const reports = await onSide(invocation, {
      local: (engine) => pruneVolumes(engine, flags.filter),
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).pruneVolumes(service, flags.filter),
    });
    return printReports(reports, out, ({ name, reference }) => name ?? reference);
  },
});
