import { defineCommand } from "@containers/common/cli/define-command";
import { initContainer } from "../../../containers/init.ts";
import type { TargetReport } from "../../../containers/options.ts";
import { refreshLocked } from "../../../containers/refresh.ts";
import { resolveContainer, withContainerLock } from "../../../locks/with-container-lock.ts";
import { chooseContainers, engineFor, latestFlag, printReports } from "./targets.ts";

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
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { ...invocation.flags, args: invocation.args, statuses: ["created"] });
    const reports: TargetReport[] = [];
    for (const reference of chosen) {
      try {
        const { config } = resolveContainer(engine, reference);
        await withContainerLock(engine, config.id, async (stale) => initContainer(engine, await refreshLocked(engine, stale)));
        reports.push({ reference, id: config.id });
      } catch (error) {
        reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    return printReports(reports, invocation.out);
  },
});
