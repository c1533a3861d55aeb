import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { type MountedImage, mountedImages, mountImages } from "@containers/image/local-images/mount";
import { requireUnshare } from "../container/mount.ts";
import { withImages } from "./with-images.ts";

const flags = {
  all: { type: "bool", short: "a", description: "Mount all images" },
  format: { type: "string", description: "Print the mounted images in specified format (json)" },
} as const;

/** `podman image mount`. */
export const imageMountCommand = defineCommand({
  name: "mount",
  summary: "Mount an image's root filesystem",
  description:
    "podman image mount\n  Lists all mounted images mount points if no images is specified\n\n  podman image mount IMAGE-NAME-OR-ID\n  Mounts the specified image and outputs the mountpoint",
  usage: "[IMAGE...]",
  examples: ["podman image mount imgID", "podman image mount imgID1 imgID2 imgID3", "podman image mount", "podman image mount --all"],
  flags,
  args: { min: 0 },
  // As with containers: the mount would be lost with a namespace of this command's own.
  needsUserNamespace: false,
  run: (invocation) => mount(invocation),
});

async function mount(invocation: Invocation<FlagValues<typeof flags>>): Promise<number | undefined> {
  const { flags: values, args, out, commandPath } = invocation;
  requireUnshare(commandPath);
  if (args.length > 0 && values.all)
    throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any image names or IDs");
  if (values.format && !isJsonFormat(values.format))
    throw new ToolError("invalid-argument", `unknown --format argument: "${values.format}"`);
  return withImages(invocation, async ({ engine, images }) => {
    const listing = args.length === 0 && !values.all;
    const mounted = listing ? mountedImages(images) : mountImages(images, values.all ? undefined : args);
    if (!listing) for (const { id } of mounted) engine.events.write({ type: "image", status: "mount", id, name: "" });
    out.stdout(print(mounted, { json: values.format !== undefined, pathAlone: args.length === 1 }));
  });
}

function print(mounted: readonly MountedImage[], how: { readonly json: boolean; readonly pathAlone: boolean }): string {
  if (how.json) {
    const rows = mounted.map(({ id, digest, tags, path }) => ({ id, Names: [digest], Repositories: tags, mountpoint: path }));
    return `${toJson(rows, { indent: 1, escapeHtml: true })}\n`;
  }
  if (how.pathAlone) return mounted.map(({ path }) => `${path}\n`).join("");
  return renderTable(
    undefined,
    mounted.map(({ id, tags, path }) => [tags[0] ?? id, path]),
  );
}
