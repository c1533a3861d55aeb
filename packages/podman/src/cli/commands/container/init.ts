import { defineCommand } from "@containers/common/cli/define-command";
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
    const choice = { ...invocation.flags, args: invocation.args, statuses: ["created"] };
    const reports = await onChosen(invocation, choice, {
      local: initContainers,
      remote: (service, chosen, deeds) => deeds.initContainers(service, chosen),
    });
    return printReports(reports, invocation.out);
  },
});
