import { defineCommand } from "@containers/common/cli/define-command";
import { renderTable } from "@containers/common/report/table";
import { containerTable } from "../../../containers/top/process-table.ts";
import { descriptors } from "../../../containers/top/top-columns.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, oneContainer, oneReference } from "./targets.ts";

const NOTHING_NAMED = "you must provide the name or id of a running container";

/** `podman top`. */
export const topCommand = defineCommand({
  name: "top",
  summary: "Display the running processes of a container",
  description: `Lists the processes of a running container. Options of ps(1) are for the host's ps, or the container's own where that cannot be had.

Format descriptors: ${descriptors.join(", ")}.`,
  usage: "CONTAINER [FORMAT-DESCRIPTORS|ARGS...]",
  examples: ["podman top ctrID", "podman top ctrID pid args %C", "podman top ctrID -eo user,pid,comm"],
  flags: { ...latestFlag, "list-descriptors": { type: "bool", hidden: true, description: "List the format descriptors" } },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.listDescriptors) {
      out.stdout(descriptorList());
      return undefined;
    }
    const words = flags.latest ? args : args.slice(1);
    return onSide(invocation, {
      local: async (engine) => {
        const reference = oneContainer(engine, flags.latest ? [] : args.slice(0, 1), { latest: flags.latest, missing: NOTHING_NAMED });
        const { titles, rows, text } = await containerTable(engine, reference, words);
        out.stdout(text ?? renderTable(titles, rows));
        return undefined;
      },
      remote: async (service) => {
        const { processTable } = await import("../../../remote/containers/top.ts");
        const { titles, rows } = await processTable(service, "containers", oneReference(args, NOTHING_NAMED), words);
        out.stdout(renderTable(titles, rows));
        return undefined;
      },
    });
  },
});

/** The format descriptors, a line each. */
export function descriptorList(): string {
  return descriptors.map((name) => `${name}\n`).join("");
}
