import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { type RemoveImagesResult, removeExitCode } from "@containers/image/local-images/remove";
import { removeByName } from "../../../images/image-deeds.ts";
import { onImages } from "./with-images.ts";

const flags = {
  all: { type: "bool", short: "a", description: "Remove all images" },
  force: { type: "bool", short: "f", description: "Force Removal of the image" },
  ignore: { type: "bool", short: "i", description: "Ignore errors if a specified image does not exist" },
  "no-prune": { type: "bool", description: "Do not remove dangling images" },
} as const;

/** `podman rmi`, `podman image rm`. */
export const imageRmCommand = defineCommand({
  name: "rm",
  summary: "Remove one or more images from local storage",
  description: "Removes one or more previously pulled or locally created images.",
  usage: "IMAGE [IMAGE...]",
  examples: ["podman image rm imageID", "podman image rm --force alpine", "podman image rm c4dfb1609ee2 93fd78260bd1 c0ed59d05ff7"],
  flags,
  args: { min: 0 },
  run: (invocation) => remove(invocation),
});

async function remove(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args, out } = invocation;
  if (args.length === 0 && !values.all) throw new ToolError("invalid-argument", "image name or ID must be specified");
  if (args.length > 0 && values.all)
    throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any images names or IDs");
  const { force, noPrune, all } = values;
  const options = { force, ignore: values.ignore || force, noPrune, all };
  const { reports, errors, exitCode } = await onImages<RemoveImagesResult & { readonly exitCode?: number }, unknown>(invocation, {
    local: (work) => removeByName(work, args, options),
    remote: (service, deeds) => deeds.removeImages(service, args, options),
  });
  for (const report of reports) for (const name of report.untagged) out.stdout(`Untagged: ${name}\n`);
  for (const report of reports) if (report.removed) out.stdout(`Deleted: ${report.id}\n`);
  if (errors.length === 0) return undefined;
  throw new ToolError("internal", joinErrors(errors), { code: "verbatim", exitCode: exitCode ?? removeExitCode(errors) });
}

/** One error alone says all; several are listed. */
function joinErrors(errors: readonly unknown[]): string {
  const [first] = errors;
  if (errors.length === 1) return describeError(first);
  return `${errors.length} errors occurred:${errors.map((error) => `\n\t* ${describeError(error)}`).join("")}\n`;
}
