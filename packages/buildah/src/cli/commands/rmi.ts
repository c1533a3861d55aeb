import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type RemoveImageReport, removeImages } from "@containers/image/local-images/remove";
import { openImages } from "../open-ports.ts";

/** `buildah rmi`. */
export const rmiCommand = defineCommand({
  name: "rmi",
  summary: "Remove one or more images from local storage",
  description: "removes one or more locally stored images.",
  usage: "[IMAGE...]",
  examples: ["buildah rmi imageID", "buildah rmi --all --force", "buildah rmi imageID1 imageID2 imageID3"],
  flags: {
    all: { type: "bool", short: "a", description: "remove all images" },
    force: { type: "bool", short: "f", description: "force removal of the image and any containers using the image" },
    prune: { type: "bool", short: "p", description: "prune dangling images" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (args.length === 0 && !flags.all && !flags.prune) throw new ToolError("invalid-argument", "image name or ID must be specified");
    if (args.length > 0 && flags.all)
      throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any images names or IDs");
    if (args.length > 0 && flags.prune)
      throw new ToolError("invalid-argument", "when using the --prune switch, you may not pass any images names or IDs");
    if (flags.all && flags.prune) throw new ToolError("invalid-argument", "when using the --all switch, you may not use --prune switch");
    const filters = flags.prune ? ["readonly=false", "dangling=true", "intermediate=false"] : ["readonly=false"];
    const { reports, errors } = await removeImages(openImages(invocation, { quiet: true }), args, { force: flags.force, filters });
    for (const report of reports) out.stdout(reportText(report));
    if (errors.length === 0) return undefined;
    const plural = errors.length === 1 ? "error" : "errors";
    throw new ToolError(
      "invalid-state",
      `${errors.length} ${plural} occurred:\n${errors.map((error) => `\t* ${describeError(error)}\n`).join("")}\n`,
      { code: "verbatim", exitCode: 125 },
    );
  },
});

function reportText(report: RemoveImageReport): string {
  return `${report.untagged.map((name) => `untagged: ${name}\n`).join("")}${report.removed ? `${report.id}\n` : ""}`;
}
