import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { containerChanges } from "../../../containers/changes.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, latestMissing, oneContainer, oneReference } from "./targets.ts";

/** `podman diff`. */
export const diffCommand = defineCommand({
  name: "diff",
  summary: "List what a container changed in its file system",
  description: "Lists the paths that a container added (A), changed (C) and deleted (D).",
  usage: "CONTAINER",
  examples: ["podman diff ctrID", "podman diff --format json ctrID"],
  flags: { ...latestFlag, format: { type: "string", description: "Print as JSON" } },
  args: { max: 1 },
  run: async (invocation) => {
    const { flags, args, out, commandPath } = invocation;
    const missing = latestMissing(commandPath);
    if (!flags.latest) oneReference(args, missing);
    if (flags.format !== undefined && !isJsonFormat(flags.format))
      throw new ToolError("invalid-argument", "only supported value for '--format' is 'json'");
    const found = await onSide(invocation, {
      local: (engine) => containerChanges(engine, oneContainer(engine, args, { latest: flags.latest, missing })),
      remote: async (service) =>
        (await import("../../../remote/containers/inspect.ts")).changesOf(service, "container", oneReference(args)),
    });
    const changes = [...found].sort((one, other) => (one.path < other.path ? -1 : 1));
    if (flags.format === undefined) {
      out.stdout(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(""));
      return undefined;
    }
    const paths = (kind: string) => changes.filter((change) => change.kind === kind).map(({ path }) => path);
    const lists = { changed: paths("C"), added: paths("A"), deleted: paths("D") };
    out.stdout(`${toJson(Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)), { indent: 5 })}\n`);
    return undefined;
  },
});
