import { defineCommand } from "@containers/common/cli/define-command";
import { removeContainers } from "../../../containers/remove.ts";
import { chooseContainers, chooseFlags, engineFor, printReports } from "./targets.ts";

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
    time: { type: "int", short: "t", description: "Seconds until SIGKILL, with --force" },
    volumes: { type: "bool", short: "v", description: "Remove its anonymous volumes too" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const engine = engineFor(invocation);
    const chosen = await chooseContainers(engine, { ...flags, args, ignore: flags.ignore || flags.force });
    const options = { force: flags.force, ignore: flags.ignore, volumes: flags.volumes, depend: flags.depend, timeout: flags.time };
    const withPods = flags.all || flags.depend;
    const isInfra = (reference: string): boolean => withPods && engine.state.containers.resolve(reference)?.config.isInfra === true;
    const reports = await removeContainers(
      engine,
      chosen.filter((id) => !isInfra(id)),
      options,
    );
    const infra = chosen.filter(isInfra);
    if (infra.length === 0) return printReports(reports, out);
    // With all containers, or all that depend on one, go the pods: their infra containers do not go otherwise.
    const { removePodsOfInfra } = await import("../../../pods/remove-pods-of-infra.ts");
    return printReports([...reports, ...(await removePodsOfInfra(engine, infra, options))], out);
  },
});
