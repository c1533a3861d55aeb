import { defineCommand } from "@containers/common/cli/define-command";
import { describeError } from "@containers/common/errors/tool-error";
import { listExternal } from "../../../containers/listing/list-external.ts";
import type { Engine } from "../../../engine/engine.ts";
import { resetSystem } from "../../../system/reset.ts";
import { confirm } from "../container/prune.ts";
import { engineFor } from "../container/targets.ts";

/** `podman system reset`. */
export const resetCommand = defineCommand({
  name: "reset",
  summary: "Reset podman storage",
  description:
    "Stops and removes all containers and removes all pods, images, networks and volumes: the store is as if it had never been used.",
  examples: ["podman system reset", "podman system reset --force"],
  flags: { force: { type: "bool", short: "f", description: "Do not prompt for confirmation" } },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    const engine = engineFor(invocation);
    if (!flags.force && !confirm(out, warning(engine))) return undefined;
    const errors = await resetSystem(engine);
    for (const error of errors) out.stderr(`Error: ${describeError(error)}\n`);
    return errors.length === 0 ? 0 : 125;
  },
});

function warning(engine: Engine): string {
  const what = ["all containers", "all pods", "all images", "all networks", "all build cache", "all machines", "all volumes"];
  const { graphRoot, runRoot } = engine.paths;
  const places = [`the graphRoot directory: ${JSON.stringify(graphRoot)}`, `the runRoot directory: ${JSON.stringify(runRoot)}`];
  const external = listExternal(engine).map(({ id, name }) => `\t- ${id.slice(0, 12)} (${name})`);
  return [
    "WARNING! This will remove:",
    ...[...what, ...places].map((line) => `        - ${line}`),
    ...(external.length === 0 ? [] : ["WARNING! The following external containers will be purged:", ...external]),
  ].join("\n");
}
