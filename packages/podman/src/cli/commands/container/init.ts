import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { initContainers } from "../../../containers/lifecycle/init-containers.ts";
import { onChosen } from "./on-chosen.ts";
import { latestFlag, printReports } from "./targets.ts";

/** `podman init`. */
export const initCommand = defineCommand({
  name: "init",
  summary: "Initialize one or more containers",
  description: "Prepares containers (mounts, network, the runtime's part) without starting their process.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman init 3c45ef19d893", "podman init --all"],
  flags: { ...latestFlag, all: { type: "bool", short: "a", description: "Initialize all containers that were only created" } },
  args: { min: 0 },
  run: async (invocation) => {
    const choice = { ...invocation.flags, args: invocation.args };
    const reports = await onChosen(invocation, choice, {
      local: initContainers,
      remote: (service, chosen, deeds) => deeds.initContainers(service, chosen),
    });
    // Of all containers, those that are ready already need nothing.
    const told = invocation.flags.all
      ? reports.map((report) => (isErrorOfKind(report.error, "invalid-state") ? { reference: report.reference } : report))
      : reports;
    return printReports(told, invocation.out);
  },
});
