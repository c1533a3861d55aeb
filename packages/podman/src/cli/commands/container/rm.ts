import { defineCommand } from "@containers/common/cli/define-command";
import { removeContainers } from "../../../containers/removal/remove.ts";
import { onChosen } from "./on-chosen.ts";
import { chooseFlags, printReports, requireForce } from "./targets.ts";

/** `podman rm`. */
export const rmCommand = defineCommand({
  name: "rm",
  summary: "Remove one or more containers",
  description: "Removes containers from the host; their images stay. Running ones only with --force.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman rm ctrID", "podman rm mywebserver myflaskserver 860a4b23", "podman rm --force --all"],
  flags: {
    ...chooseFlags,
    depend: { type: "bool", description: "Remove the containers that depend on it too" },
    filter: { type: "stringArray", description: "Remove the containers that fit (key=value)" },
    force: { type: "bool", short: "f", description: "Remove running containers too, and do not mind missing ones" },
    ignore: { type: "bool", short: "i", description: "Do not mind containers that are not there" },
    storage: {
      type: "bool",
      hidden: true,
      description: "Accepted for the sake of old scripts; containers of other tools are removed without it",
    },
    time: { type: "int", short: "t", description: "Seconds until SIGKILL, with --force" },
    volumes: { type: "bool", short: "v", description: "Remove its anonymous volumes too" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    requireForce(flags);
    const options = { force: flags.force, ignore: flags.ignore, volumes: flags.volumes, depend: flags.depend, timeout: flags.time };
    const reports = await onChosen(
      invocation,
      { ...flags, args, ignore: flags.ignore || flags.force },
      {
        local: async (engine, chosen) => {
          if (!flags.all && !flags.depend) return removeContainers(engine, chosen, options);
          const { removeWithPods } = await import("../../../pods/remove-pods-of-infra.ts");
          const reports = await removeWithPods(engine, chosen, options);
          if (!flags.depend) (await import("../../../locks/forget-orphaned.ts")).forgetOrphanedLocks(engine);
          return reports;
        },
        remote: (service, chosen, deeds) => deeds.removeContainers(service, chosen, { ...options, depend: flags.depend || flags.all }),
      },
    );
    return printReports(reports, out);
  },
});
