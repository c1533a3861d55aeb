import { defineCommand } from "@containers/common/cli/define-command";
import { pruneVolumes, unusedVolumes } from "../../../volumes/remove.ts";
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
    if (!flags.force) {
      const candidates = await onSide(invocation, {
        local: (engine) => unusedVolumes(engine, flags.filter).map(({ name }) => name),
        remote: async (service) =>
          (await (await import("../../../remote/volumes/deeds.ts")).listVolumes(service, ["dangling=true", ...flags.filter])).map(
            ({ name }) => name,
          ),
      });
      if (candidates.length === 0) {
        out.stdout("No dangling volumes found\n");
        return undefined;
      }
      const warning = "WARNING! This will remove all volumes not used by at least one container. The following volumes will be removed:";
      if (!confirm(out, [warning, ...candidates].join("\n"))) return undefined;
    }
    const reports = await onSide(invocation, {
      local: (engine) => pruneVolumes(engine, flags.filter),
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).pruneVolumes(service, flags.filter),
    });
    return printReports(reports, out, ({ name, reference }) => name ?? reference);
  },
});
