import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "../container/targets.ts";

/** `podman system renumber`. Locks are files with the containers' names: there are no numbers that could run out or clash. */
export const renumberCommand = defineCommand({
  name: "renumber",
  summary: "Migrate lock numbers",
  description:
    "Gives containers new lock numbers, which containers.conf's num_locks may ask for. Locks have no numbers here, so nothing has to be changed.",
  examples: ["podman system renumber"],
  flags: {},
  args: { max: 0 },
  run: (invocation) => {
    engineFor(invocation).events.write({ type: "system", status: "renumber" });
    return undefined;
  },
});
