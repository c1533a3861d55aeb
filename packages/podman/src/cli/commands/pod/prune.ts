import { defineCommand } from "@containers/common/cli/define-command";
import { prunePods } from "../../../pods/prune.ts";
import { onSide } from "../../on-side.ts";
import { confirm } from "../container/prune.ts";
import { printPodReports } from "./targets.ts";

/** `podman pod prune`. */
export const podPruneCommand = defineCommand({
  name: "prune",
  summary: "Remove all stopped pods and their containers",
  description: "Removes the pods of which no container runs and some have run.",
  examples: ["podman pod prune"],
  flags: { force: { type: "bool", short: "f", description: "Do not ask" } },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    if (!flags.force && !confirm(out, "WARNING! This will remove all stopped/exited pods..")) return undefined;
    const reports = await onSide(invocation, {
      local: prunePods,
      remote: async (service) => (await import("../../../remote/pods/deeds.ts")).prunePods(service),
    });
    return printPodReports(reports, out);
  },
});
