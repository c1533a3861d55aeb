import { readSync } from "node:fs";
import { defineCommand, type Output } from "@containers/common/cli/define-command";

import { ToolError } from "@containers/common/errors/tool-error";

import type { TargetReport } from "../../../containers/options.ts";
import { prunableContainers } from "../../../containers/removal/prunable.ts";
import { removeContainers } from "../../../containers/removal/remove.ts";
import type { Engine } from "../../../engine/engine.ts";
import { onSide } from "../../on-side.ts";
import { parseFilters, printReports } from "./targets.ts";

/** `podman container prune`. */
export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Remove all containers that do not run",
  description: "Removes all containers that were created or have ended.",
  examples: ["podman container prune", "podman container prune --force"],
  flags: {
    filter: { type: "stringArray", description: "Only containers that fit (until=, label=)" },
    force: { type: "bool", short: "f", description: "Do not ask" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, out } = invocation;
    if (!flags.force && !confirm(out, "WARNING! This will remove all non running containers.")) return undefined;
    const filters = parseFilters(flags.filter);
    const unknown = Object.keys(filters).find((key) => !["label", "label!", "until"].includes(key));
    if (unknown !== undefined) throw new ToolError("invalid-argument", `${unknown} is an invalid filter`);
    const reports = await onSide(invocation, {
      local: (engine) => pruneContainers(engine, filters),
      remote: async (service) => (await import("../../../remote/containers/deeds.ts")).pruneContainers(service, filters),
    });
    return printReports(reports, out, ({ id, reference }) => id ?? reference);
  },
});

async function pruneContainers(engine: Engine, filters: Readonly<Record<string, readonly string[]>>): Promise<TargetReport[]> {
  const stopped = await prunableContainers(engine, filters);
  return removeContainers(
    engine,
    stopped.map(({ id }) => id),
    { volumes: true },
  );
}

/** Asks on the terminal; anything but `y` is no. @throws invalid-argument when nobody answers */
export function confirm(out: Output, warning: string): boolean {
  out.stdout(`${warning}\nAre you sure you want to continue? [y/N] `);
  const answer = Buffer.alloc(64);
  const length = readSync(0, answer, 0, answer.length, null);
  if (length === 0) throw new ToolError("invalid-argument", "EOF");
  return /^y/i.test(answer.toString("utf8", 0, length));
}
