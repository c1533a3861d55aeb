import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { changesBetween } from "../../../containers/changes.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, latestMissing, oneContainer, oneReference } from "./targets.ts";

/** `podman diff`. */
export const diffCommand = defineCommand({
  name: "diff",
  summary: "List what a container or image changed in its file system",
  description:
    "Lists the paths that a container added (A), changed (C) and deleted (D) in its image, or in which it differs from a second container or image.",
  usage: "CONTAINER [CONTAINER]",
  examples: ["podman diff ctrID", "podman diff --format json ctrID"],
  flags: { ...latestFlag, format: { type: "string", description: "Print as JSON" } },
  args: { max: 2 },
  run: async (invocation) => {
    const { flags, args, out, commandPath } = invocation;
    const missing = latestMissing(commandPath);
    if (!flags.latest) oneReference(args.slice(0, 1), missing);
    if (flags.format !== undefined && !isJsonFormat(flags.format))
      throw new ToolError("invalid-argument", "only supported value for '--format' is 'json'");
    const found = await onSide(invocation, {
      local: (engine) =>
        changesBetween(engine, [
          flags.latest ? oneContainer(engine, args, { latest: true, missing }) : oneReference(args.slice(0, 1), missing),
          args[1],
        ]),
      remote: async (service) =>
        (await import("../../../remote/containers/inspect.ts")).changesOf(
          service,
          "container",
          oneReference(args.slice(0, 1), missing),
          args[1],
        ),
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
