import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { cleanupContainer } from "../../../containers/lifecycle/cleanup.ts";
import type { TargetReport } from "../../../containers/options.ts";
import { chooseContainers, engineFor, latestFlag, printReports } from "./targets.ts";

/** `podman container cleanup`: the monitor calls it when a container has ended. */
export const cleanupCommand = defineCommand({
  name: "cleanup",
  summary: "Clean up after one or more containers that have ended",
  description:
    "Undoes the mounts and the network of containers that have ended. The monitor does this by itself; by hand it is needed after a crash.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman container cleanup ctrID", "podman container cleanup --all"],
  flags: {
    ...latestFlag,
    all: { type: "bool", short: "a", description: "Clean up after all containers" },
    exec: { type: "string", description: "Clean up after this exec session of the container" },
    rm: { type: "bool", description: "Remove the container afterwards" },
    rmi: { type: "bool", description: "Remove the container's image afterwards" },
    "stopped-only": { type: "bool", hidden: true, description: "Only when it has stopped" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    for (const [one, other] of [
      ["all", "exec"],
      ["exec", "rmi"],
    ] as const)
      if (flags[one] && flags[other]) throw new ToolError("invalid-argument", `--${one} and --${other} cannot be set together`);
    const engine = engineFor(invocation);
    const reports: TargetReport[] = [];
    for (const reference of await chooseContainers(engine, { args, all: flags.all, latest: flags.latest })) {
      try {
        await cleanupContainer(engine, reference, {
          remove: flags.rm,
          removeImage: flags.rmi,
          exec: flags.exec,
          stoppedOnly: flags.stoppedOnly,
        });
        reports.push({ reference });
      } catch (error) {
        reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
      }
    }
    return printReports(reports, out);
  },
});
