import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { removeImages } from "@containers/image/local-images/remove";
import { openImages } from "../open-ports.ts";

/** `buildah prune`. */
export const pruneCommand = defineCommand({
  name: "prune",
  summary: "Cleanup intermediate images as well as build and mount cache",
  description: "Cleanup intermediate images as well as build and mount cache.",
  examples: ["buildah prune", "buildah prune --force"],
  flags: {
    all: { type: "bool", short: "a", description: "remove all unused images" },
    force: { type: "bool", short: "f", description: "force removal of the image and any containers using the image" },
  },
  run: async (invocation) => {
    const { flags, out } = invocation;
    const filters = flags.all ? ["readonly=false"] : ["readonly=false", "dangling=true", "intermediate=false"];
    const images = openImages(invocation, { quiet: true });
    const { reports, errors } = await removeImages(images, [], { force: flags.force, filters });
    for (const report of reports) {
      for (const name of report.untagged) out.stdout(`untagged: ${name}\n`);
      if (report.removed) out.stdout(`${report.id}\n`);
    }
    // Without --force an image that a container stands on is simply not unused.
    const failure = errors.find((error) => !(error instanceof ToolError && error.kind === "in-use"));
    if (failure !== undefined) throw failure;
    return undefined;
  },
});
