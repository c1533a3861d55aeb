import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { onImages } from "../image/with-images.ts";

/** `podman manifest exists`: prints nothing, answers by exit code. */
export const manifestExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a manifest list exists in local storage",
  description: "If the manifest list exists in local storage, podman manifest exists exits with 0, otherwise the exit code will be 1.",
  usage: "MANIFEST",
  examples: ["podman manifest exists mylist"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) =>
    onImages(invocation, {
      local: async ({ images }) => {
        try {
          requireList(images, invocation.args[0] ?? "");
          return 0;
        } catch (error) {
          if (isErrorOfKind(error, "not-found")) return 1;
          throw error;
        }
      },
      remote: async (service) =>
        (await (await import("../../../remote/manifests/deeds.ts")).listExists(service, invocation.args[0] ?? "")) ? 0 : 1,
    }),
});
