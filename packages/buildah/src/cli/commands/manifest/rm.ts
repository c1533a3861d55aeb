import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { removeLists } from "@containers/image/manifest-lists/remove";
import { openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest rm`. */
export const rmCommand = defineCommand({
  name: "rm",
  summary: "Remove manifest list or image index",
  description: "Remove manifest list or image index from local storage.",
  usage: "LIST [LIST...]",
  examples: ["buildah manifest rm mylist:v1.11"],
  flags: {},
  args: { min: 1 },
  run: async (invocation) => {
    const { args, out } = invocation;
    const { reports, errors } = await removeLists(openManifestImages(invocation, { quiet: true }), args);
    for (const report of reports) for (const name of report.untagged) out.stdout(`untagged: ${name}\n`);
    for (const report of reports) if (report.removed) out.stdout(`${report.id}\n`);
    if (errors.length === 0) return undefined;
    const count = errors.length === 1 ? "1 error" : `${errors.length} errors`;
    throw new ToolError("internal", `${count} occurred:${errors.map((error) => `\n\t* ${describeError(error)}`).join("")}\n\n`, {
      code: "verbatim",
    });
  },
});
