import { defineCommand } from "@containers/common/cli/define-command";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { onImages } from "./with-images.ts";

/** `podman image exists`: prints nothing, answers by exit code. */
export const imageExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if an image exists in local storage",
  description: "If the named image exists in local storage, podman image exists exits with 0, otherwise the exit code will be 1.",
  usage: "IMAGE",
  examples: ["podman image exists ID", "podman image exists IMAGE && podman pull IMAGE"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) =>
    onImages(invocation, {
      local: async ({ images }) => (resolveLocalImage(images, invocation.args[0] ?? "") === undefined ? 1 : 0),
      remote: async (service) => {
        const { imageExists } = await import("../../../remote/images/list.ts");
        return (await imageExists(service, invocation.args[0] ?? "")) ? 0 : 1;
      },
    }),
});
