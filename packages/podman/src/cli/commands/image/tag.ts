import { defineCommand } from "@containers/common/cli/define-command";
import { tagByName } from "../../../images/image-deeds.ts";
import { withImages } from "./with-images.ts";

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
    withImages(invocation, async ({ engine, images }) => {
      const [name = "", ...tags] = invocation.args;
      tagByName({ engine, images }, name, tags);
    }),
});
