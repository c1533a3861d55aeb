import { defineCommand } from "@containers/common/cli/define-command";
import { imageTree } from "@containers/image/local-images/tree";
import { drawTree } from "../../../images/draw-tree.ts";
import { onImages } from "./with-images.ts";

/** `podman image tree`. */
export const imageTreeCommand = defineCommand({
  name: "tree",
  summary: "Print layer hierarchy of an image in a tree format",
  description: "Prints layer hierarchy of an image in a tree format",
  usage: "IMAGE",
  examples: ["podman image tree alpine:latest"],
  flags: { whatrequires: { type: "bool", description: "Show all child images and layers of the specified image" } },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = ""] = args;
    const { whatrequires } = flags;
    const drawn = await onImages(invocation, {
      local: async ({ images }) => drawTree(await imageTree(images, name, { whatRequires: whatrequires }), whatrequires),
      remote: async (service) => (await import("../../../remote/images/list.ts")).imageTree(service, name, whatrequires),
    });
    out.stdout(drawn);
    return undefined;
  },
});
