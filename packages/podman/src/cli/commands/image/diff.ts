import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { imageChanges } from "@containers/image/local-images/diff";
import { onImages } from "./with-images.ts";

/** `podman image diff`. */
export const imageDiffCommand = defineCommand({
  name: "diff",
  summary: "Inspect changes to the image's file systems",
  description:
    "Displays changes to the image's filesystem.  The image will be compared to its parent layer or the second argument when given.",
  usage: "IMAGE [IMAGE]",
  examples: ["podman image diff myImage", "podman image diff --format json redis:alpine"],
  flags: { format: { type: "string", description: "Change the output format (json)" } },
  args: { min: 1, max: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const json = isJsonFormat(flags.format ?? "");
    if (flags.format && !json) throw new ToolError("invalid-argument", "only supported value for '--format' is 'json'");
    const changes = await onImages(invocation, {
      local: ({ images }) => imageChanges(images, args[0] ?? "", args[1]),
      remote: async (service) => {
        const { changesOf } = await import("../../../remote/containers/inspect.ts");
        return changesOf(service, "image", args[0] ?? "", args[1]);
      },
    });
    if (!json) {
      out.stdout(changes.map(({ kind, path }) => `${kind} ${path}\n`).join(""));
      return undefined;
    }
    const paths = (kind: string): readonly string[] | undefined => {
      const found = changes.filter((change) => change.kind === kind).map((change) => change.path);
      return found.length === 0 ? undefined : found;
    };
    out.stdout(`${toJson({ changed: paths("C"), added: paths("A"), deleted: paths("D") }, { indent: 5, escapeHtml: true })}\n`);
    return undefined;
  },
});
