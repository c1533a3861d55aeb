import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { unmountImages } from "@containers/image/local-images/mount";
import { withImages } from "./with-images.ts";

/** `podman image unmount`. */
export const imageUnmountCommand = defineCommand({
  name: "unmount",
  summary: "Unmount an image's root filesystem",
  description:
    "Image storage increments a mount counter each time an image is mounted.\n\n  When an image is unmounted, the mount counter is decremented. The image's root filesystem is physically unmounted only when the mount counter reaches zero indicating no other processes are using the mount.\n  An unmount can be forced with the --force flag.",
  usage: "IMAGE [IMAGE...]",
  examples: ["podman unmount imgID", "podman unmount imgID1 imgID2 imgID3", "podman unmount --all"],
  flags: {
    all: { type: "bool", short: "a", description: "Unmount all of the currently mounted images" },
    force: { type: "bool", short: "f", description: "Force the complete unmount of the specified mounted images" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (args.length === 0 && !flags.all) throw new ToolError("invalid-argument", "image name or ID must be specified");
    if (args.length > 0 && flags.all)
      throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any image names or IDs");
    return withImages(invocation, async ({ engine, images }) => {
      for (const id of unmountImages(images, flags.all ? undefined : args, flags.force)) {
        engine.events.write({ type: "image", status: "unmount", id, name: "" });
        out.stdout(`${id}\n`);
      }
    });
  },
});
