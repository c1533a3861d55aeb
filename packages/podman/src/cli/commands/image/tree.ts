import { defineCommand } from "@containers/common/cli/define-command";
import { imageTree } from "@containers/image/local-images/tree";
import { drawTree } from "../../../images/draw-tree.ts";
import { withImages } from "./with-images.ts";

/** `podman image tree`. */
export const imageTreeCommand = defineCommand({
  name: "tree",
  summary: "Print layer hierarchy of an image in a tree format",
  description: "Prints layer hierarchy of an image in a tree format",
  usage: "IMAGE",
  examples: ["podman image tree alpine:latest"],
  flags: { whatrequires: { type: "bool", description: "Show all child images and layers of the specified image" } },
  args: { min: 1, max: 1 },
  run: (invocation) =>
    withImages(invocation, async ({ images }) => {
      const { flags, args, out } = invocation;
      out.stdout(drawTree(await imageTree(images, args[0] ?? "", { whatRequires: flags.whatrequires }), flags.whatrequires));
    }),
});
