import { defineCommand } from "@containers/common/cli/define-command";
import { tagByName } from "../../../images/image-deeds.ts";
import { onImages } from "./with-images.ts";

/** `podman tag`, `podman image tag`. */
export const imageTagCommand = defineCommand({
  name: "tag",
  summary: "Add an additional name to a local image",
  description: "Adds one or more additional names to locally-stored image.",
  usage: "IMAGE TARGET_NAME [TARGET_NAME...]",
  examples: ["podman image tag 0e3bbc2 fedora:latest", "podman image tag httpd myregistryhost:5000/fedora/httpd:v2"],
  flags: {},
  args: { min: 2 },
  run: (invocation) =>
    onImages(invocation, {
      local: async (work) => {
        const [name = "", ...tags] = invocation.args;
        tagByName(work, name, tags);
        return undefined;
      },
      remote: async (service, deeds) => {
        const [name = "", ...tags] = invocation.args;
        await deeds.tagImage(service, name, tags);
        return undefined;
      },
    }),
});
