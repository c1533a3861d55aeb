import { defineCommand } from "@containers/common/cli/define-command";
import { tagImage } from "@containers/image/local-images/tag";
import { openImages } from "../open-ports.ts";

/** `buildah tag`. */
export const tagCommand = defineCommand({
  name: "tag",
  summary: "Add an additional name to a local image",
  description: "Adds one or more additional names to locally-stored image.",
  usage: "IMAGE NAME [NAME...]",
  examples: ["buildah tag imageName firstNewName", "buildah tag imageName firstNewName SecondNewName"],
  flags: {},
  args: { min: 2 },
  run: (invocation) => {
    const [name = "", ...tags] = invocation.args;
    tagImage(openImages({ ...invocation, flags: {} }, { quiet: true }), name, tags);
    return undefined;
  },
});
