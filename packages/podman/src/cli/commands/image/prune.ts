import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { terminalPrompt } from "@containers/image/auth/prompt";
import { pruneUnused } from "../../../images/image-deeds.ts";
import { onImages, refuseFlags } from "./with-images.ts";

const flags = {
  all: { type: "bool", short: "a", description: "Remove all images not in use by containers, not just dangling ones" },
  "build-cache": { type: "bool", description: "Remove persistent build cache created by --mount=type=cache" },
  external: { type: "bool", description: "Remove images even when they are used by external containers (e.g., by build containers)" },
  filter: { type: "stringArray", description: "Provide filter values (e.g. 'label=<key>=<value>')" },
  force: { type: "bool", short: "f", description: "Do not prompt for confirmation" },
} as const;

/** `podman image prune`. */
export const imagePruneCommand = defineCommand({
  name: "prune",
  summary: "Remove unused images",
  description: "Removes dangling or unused images from local storage.",
  flags,
  args: { max: 0 },
  run: (invocation) => prune(invocation),
});

async function prune(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, out } = invocation;
  refuseFlags(invocation, ["build-cache"]);
  const malformed = values.filter.find((filter) => !filter.includes("="));
  if (malformed !== undefined)
    throw new ToolError("invalid-argument", `invalid filter: "${malformed}" must be in the format "filter=value": must be in the format`);
  if (!values.force && !confirmed(invocation)) return undefined;
  const options = { all: values.all, external: values.external, filters: values.filter };
  const removed = await onImages<ReadonlyArray<{ readonly id: string }>, unknown>(invocation, {
    local: (work) => pruneUnused(work, options),
    remote: (service, deeds) => deeds.pruneImages(service, options),
  });
  for (const { id } of removed) out.stdout(`${id}\n`);
  return undefined;
}

function confirmed({ flags: values, out }: Invocation<FlagValues<typeof flags>>): boolean {
  const what = values.all ? "all images without at least one container associated with them" : "all dangling images";
  const question = `WARNING! This command removes ${what}.\nAre you sure you want to continue? [y/N] `;
  return terminalPrompt((text) => out.stdout(text))
    .readLine(question)
    .toLowerCase()
    .startsWith("y");
}
