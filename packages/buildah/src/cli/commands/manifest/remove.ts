import { defineCommand } from "@containers/common/cli/define-command";
import { memberDigest } from "@containers/image/manifest-lists/find-member";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { removeFromList } from "@containers/image/manifest-lists/remove";
import { openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest remove`. */
export const removeCommand = defineCommand({
  name: "remove",
  summary: "Remove an entry from a manifest list or image index",
  description: "Removes an image from a manifest list or image index.",
  usage: "LIST IMAGEORARTIFACT",
  examples: ["buildah manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736"],
  flags: {},
  args: { min: 2, max: 2, missing: "at least a list image and one or more instance digests must be specified" },
  run: async (invocation) => {
    const [name = "", member = ""] = invocation.args;
    const images = openManifestImages(invocation);
    const list = requireList(images, name);
    const digest = await memberDigest(images, list, member);
    await removeFromList(images, list.id, digest);
    invocation.out.stdout(`${list.id}: ${digest}\n`);
    return undefined;
  },
});
