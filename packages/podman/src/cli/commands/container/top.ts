import { defineCommand } from "@containers/common/cli/define-command";
import { renderTable } from "@containers/common/report/table";
import { containerProcesses, type ProcessRow } from "../../../containers/top/top.ts";
import { type Column, chooseColumns, descriptors } from "../../../containers/top/top-columns.ts";
import type { Engine } from "../../../engine/engine.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, oneContainer, oneReference } from "./targets.ts";

const NOTHING_NAMED = "you must provide the name or id of a running container";

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
    const words = flags.latest ? args : args.slice(1);
    return onSide(invocation, {
      local: async (engine) => {
        const reference = oneContainer(engine, flags.latest ? [] : args.slice(0, 1), { latest: flags.latest, missing: NOTHING_NAMED });
        // Options of ps(1) are for the ps of the container.
        if (words.some((word) => word.startsWith("-"))) return runPs(engine, reference, words);
        out.stdout(renderProcesses(await containerProcesses(engine, reference), chooseColumns(words)));
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

async function runPs(engine: Engine, reference: string, words: readonly string[]): Promise<number> {
  const { execInContainer } = await import("../../../containers/exec/exec.ts");
  // A list may be separated by spaces, which not every ps takes.
  return execInContainer(engine, reference, { command: ["ps", ...words.map((word) => word.trim().replace(/\s+/g, ","))] });
}

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
