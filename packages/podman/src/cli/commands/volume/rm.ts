import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { removeVolumes } from "../../../volumes/remove.ts";
import { onSide } from "../../on-side.ts";
import { printReports, requireForce } from "../container/targets.ts";

/** `podman volume rm`. */
export const volumeRmCommand = defineCommand({
  name: "rm",
  aliases: ["remove"],
  summary: "Remove one or more volumes",
  description:
    "Removes volumes with what is in them. Those that containers use are removed only with --force, and those containers with them.",
  usage: "VOLUME [VOLUME...]",
  examples: ["podman volume rm myvol1 myvol2", "podman volume rm --all"],
  flags: {
    all: { type: "bool", short: "a", description: "Remove all volumes" },
    force: { type: "bool", short: "f", description: "Remove the containers that use it too, and do not mind missing ones" },
    time: { type: "int", short: "t", description: "Seconds until SIGKILL for those containers" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    requireForce(flags);
    if (args.length > 0 === flags.all) throw new ToolError("invalid-argument", "choose either one or more volumes or all");
    const options = { force: flags.force, timeout: flags.time };
    const reports = await onSide(invocation, {
      local: (engine) => removeVolumes(engine, flags.all ? engine.state.volumes.list().map(({ name }) => name) : args, options),
      remote: async (service) => {
        const deeds = await import("../../../remote/volumes/deeds.ts");
        const chosen = flags.all ? (await deeds.listVolumes(service, [])).map(({ name }) => name) : args;
        return deeds.removeVolumes(service, chosen, options);
      },
    });
    return printReports(reports, out, ({ name, reference }) => name ?? reference);
  },
});
