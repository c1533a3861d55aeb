import { defineCommand } from "@containers/common/cli/define-command";
import { untagByName } from "../../../images/image-deeds.ts";
import { onImages } from "./with-images.ts";

/** `podman untag`, `podman image untag`. */
export const imageUntagCommand = defineCommand({
  name: "untag",
  summary: "Remove a name from a local image",
  description: "Removes one or more names from a locally-stored image.",
  usage: "IMAGE [IMAGE...]",
  examples: [
    "podman image untag 0e3bbc2",
    "podman image untag imageID:latest otherImageName:latest",
    "podman image untag httpd myregistryhost:5000/fedora/httpd:v2",
  ],
  flags: {},
  args: { min: 1 },
  run: (invocation) =>
    onImages(invocation, {
      local: async (work) => {
        const [name = "", ...tags] = invocation.args;
        untagByName(work, name, tags);
        return undefined;
      },
      remote: async (service, deeds) => {
        const [name = "", ...tags] = invocation.args;
        await deeds.untagImage(service, name, tags);
        return undefined;
      },
    }),
});
