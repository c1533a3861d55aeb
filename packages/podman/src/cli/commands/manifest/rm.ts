import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type RemoveImagesResult, removeExitCode } from "@containers/image/local-images/remove";
import { removeLists } from "@containers/image/manifest-lists/remove";
import { onImages } from "../image/with-images.ts";

/** `podman manifest rm`. */
export const manifestRmCommand = defineCommand({
  name: "rm",
  summary: "Remove manifest list or image index from local storage",
  description: "Remove manifest list or image index from local storage.",
  usage: "LIST [LIST...]",
  examples: ["podman manifest rm mylist:v1.11"],
  flags: { ignore: { type: "bool", short: "i", description: "Ignore errors when a specified manifest is missing" } },
  args: { min: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const { reports, errors } = await onImages<RemoveImagesResult, unknown>(invocation, {
      local: async ({ engine, images }) => {
        const removed = await removeLists(images, args, { ignore: flags.ignore });
        for (const report of removed.reports)
          if (report.removed) engine.events.write({ type: "image", status: "remove", id: report.id, name: report.untagged[0] ?? "" });
        return removed;
      },
      remote: async (service) => (await import("../../../remote/manifests/deeds.ts")).removeLists(service, args, flags.ignore),
    });
    for (const report of reports) for (const name of report.untagged) out.stdout(`Untagged: ${name}\n`);
    for (const report of reports) if (report.removed) out.stdout(`Deleted: ${report.id}\n`);
    const [first] = errors;
    if (first === undefined) return undefined;
    const text =
      errors.length === 1
        ? describeError(first)
        : `${errors.length} errors occurred:${errors.map((error) => `\n\t* ${describeError(error)}`).join("")}\n`;
    throw new ToolError("internal", text, { code: "verbatim", exitCode: removeExitCode(errors) === 1 ? 1 : 125 });
  },
});
