import { defineCommand } from "@containers/common/cli/define-command";
import type { RemoveOptions, TargetReport } from "../../../containers/options.ts";
import { removeContainers } from "../../../containers/removal/remove.ts";
import type { Engine } from "../../../engine/engine.ts";
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
        local: (engine, chosen) =>
          flags.all || flags.depend ? removeAll(engine, chosen, options) : removeContainers(engine, chosen, options),
        remote: (service, chosen, deeds) => deeds.removeContainers(service, chosen, options),
      },
    );
    return printReports(reports, out);
  },
});

/** With all containers, or all that depend on one, go the pods: their infra containers do not go otherwise. */
async function removeAll(engine: Engine, chosen: readonly string[], options: RemoveOptions): Promise<TargetReport[]> {
  const isInfra = (reference: string): boolean => engine.state.containers.resolve(reference)?.config.isInfra === true;
  const reports = await removeContainers(
    engine,
    chosen.filter((id) => !isInfra(id)),
    options,
  );
  if (options.depend !== true) (await import("../../../locks/forget-orphaned.ts")).forgetOrphanedLocks(engine);
  const infra = chosen.filter(isInfra);
  if (infra.length === 0) return reports;
  const { removePodsOfInfra } = await import("../../../pods/remove-pods-of-infra.ts");
  return [...reports, ...(await removePodsOfInfra(engine, infra, options))];
}
