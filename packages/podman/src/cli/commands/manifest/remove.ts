import { defineCommand } from "@containers/common/cli/define-command";
import { parseDigest } from "@containers/common/digest/digest";
import { describeError, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { removeFromList } from "@containers/image/manifest-lists/remove";
import { onImages } from "../image/with-images.ts";

/** `podman manifest remove`. */
export const manifestRemoveCommand = defineCommand({
  name: "remove",
  summary: "Remove an item from a manifest list or image index",
  description: "Removes an item from a manifest list or image index.",
  usage: "LIST DIGEST",
  examples: ["podman manifest remove mylist:v1.11 sha256:15352d97781ffdf357bf3459c037be3efac4133dc9070c2dce7eca7c05c3e736"],
  flags: {},
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const [name = "", digest = ""] = invocation.args;
    try {
      checkDigest(digest);
      const id = await onImages(invocation, {
        local: async ({ images }) => {
          const list = requireList(images, name);
          await removeFromList(images, list.id, digest);
          return list.id;
        },
        remote: async (service) =>
          (await import("../../../remote/manifests/deeds.ts")).changeList(service, name, { operation: "remove", images: [digest] }, {}),
      });
      invocation.out.stdout(`${id}\n`);
    } catch (error) {
      throw wrapError(`removing from manifest list ${name}`, error);
    }
    return undefined;
  },
});

function checkDigest(digest: string): void {
  try {
    parseDigest(digest);
  } catch (error) {
    throw new ToolError("invalid-argument", `invalid image digest "${digest}": ${describeError(error)}`);
  }
}
