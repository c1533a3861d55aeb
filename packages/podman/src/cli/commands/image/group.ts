import type { CommandGroup } from "@containers/common/cli/define-command";
import { imageTrustGroup } from "./trust-group.ts";

/** `podman image`: each command's module is loaded when it is called. */
export const imageGroup: CommandGroup = {
  name: "image",
  summary: "Manage images",
  description: "Manage images",
  commands: {
    build: {
      summary: "Build an image using instructions from Containerfiles",
      load: async () => (await import("../build.ts")).buildCommand,
    },
    diff: { summary: "Inspect changes to the image's file systems", load: async () => (await import("./diff.ts")).imageDiffCommand },
    exists: { summary: "Check if an image exists in local storage", load: async () => (await import("./exists.ts")).imageExistsCommand },
    history: { summary: "Show history of a specified image", load: async () => (await import("./history.ts")).imageHistoryCommand },
    import: {
      summary: "Import a tarball to create a filesystem image",
      load: async () => (await import("./import.ts")).imageImportCommand,
    },
    inspect: { summary: "Display the configuration of an image", load: async () => (await import("./inspect.ts")).imageInspectCommand },
    list: { summary: "List images in local storage", aliases: ["ls"], load: async () => (await import("./list.ts")).imageListCommand },
    load: { summary: "Load image(s) from a tar archive", load: async () => (await import("./load.ts")).imageLoadCommand },
    mount: { summary: "Mount an image's root filesystem", load: async () => (await import("./mount.ts")).imageMountCommand },
    prune: { summary: "Remove unused images", load: async () => (await import("./prune.ts")).imagePruneCommand },
    pull: { summary: "Pull an image from a registry", load: async () => (await import("./pull.ts")).imagePullCommand },
    push: { summary: "Push an image to a specified destination", load: async () => (await import("./push.ts")).imagePushCommand },
    rm: { summary: "Remove one or more images from local storage", load: async () => (await import("./rm.ts")).imageRmCommand },
    save: { summary: "Save image(s) to an archive", load: async () => (await import("./save.ts")).imageSaveCommand },
    scp: { summary: "Securely copy images", load: async () => (await import("./scp.ts")).imageScpCommand },
    search: { summary: "Search registry for image", load: async () => (await import("./search.ts")).imageSearchCommand },
    sign: { summary: "Sign an image", load: async () => (await import("./sign.ts")).imageSignCommand },
    tag: { summary: "Add an additional name to a local image", load: async () => (await import("./tag.ts")).imageTagCommand },
    tree: { summary: "Print layer hierarchy of an image in a tree format", load: async () => (await import("./tree.ts")).imageTreeCommand },
    trust: { group: imageTrustGroup },
    unmount: {
      summary: "Unmount an image's root filesystem",
      aliases: ["umount"],
      load: async () => (await import("./unmount.ts")).imageUnmountCommand,
    },
    untag: { summary: "Remove a name from a local image", load: async () => (await import("./untag.ts")).imageUntagCommand },
  },
};
