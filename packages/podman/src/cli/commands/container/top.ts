import { defineCommand } from "@containers/common/cli/define-command";
import { renderTable } from "@containers/common/report/table";
import { containerProcesses, type ProcessRow } from "../../../containers/top.ts";
import { type Column, chooseColumns, descriptors } from "../../../containers/top-columns.ts";
import { engineFor, latestFlag, oneContainer } from "./targets.ts";

/** `podman top`. */
export const topCommand = defineCommand({
  name: "top",
  summary: "Display the running processes of a container",
  description: `Lists the processes of a running container. Format descriptors: ${descriptors.join(", ")}.`,
  usage: "CONTAINER [FORMAT-DESCRIPTORS...]",
  examples: ["podman top ctrID", "podman top ctrID pid args"],
  flags: { ...latestFlag, "list-descriptors": { type: "bool", hidden: true, description: "List the format descriptors" } },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.listDescriptors) {
      out.stdout(descriptorList());
      return undefined;
    }
    const engine = engineFor(invocation);
    const reference = oneContainer(engine, flags.latest ? [] : args.slice(0, 1), flags.latest);
    // Options of ps(1) are for the ps of the container.
    if (args.slice(flags.latest ? 0 : 1).some((word) => word.startsWith("-"))) {
      const { execInContainer } = await import("../../../containers/exec.ts");
      return execInContainer(engine, reference, {
        // A list may be separated by spaces, which not every ps takes.
        command: ["ps", ...(flags.latest ? args : args.slice(1)).map((word) => word.trim().replace(/\s+/g, ","))],
      });
    }
    const chosen = chooseColumns(flags.latest ? args : args.slice(1));
    out.stdout(renderProcesses(await containerProcesses(engine, reference), chosen));
    return undefined;
  },
});

/** The format descriptors, a line each. */
export function descriptorList(): string {
  return descriptors.map((name) => `${name}\n`).join("");
}

export function renderProcesses(rows: readonly ProcessRow[], chosen: readonly Column[]): string {
  return renderTable(
    chosen.map(([heading]) => heading),
    rows.map((row) => chosen.map(([, cell]) => cell(row))),
  );
}
