import type { CommandGroup } from "@containers/common/cli/define-command";

/** `buildah source`: each command's module is loaded when it is called. */
export const sourceGroup: CommandGroup = {
  name: "source",
  summary: "Manage source containers",
  description: "Creates, fills, pulls and pushes source images: what an ordinary image was built out of, as an image of its own.",
  commands: {
    add: { summary: "Add a source artifact to a source image", load: async () => (await import("./add.ts")).addCommand },
    create: { summary: "Create a source image", load: async () => (await import("./create.ts")).createCommand },
    pull: { summary: "Pull a source image from a registry to a specified path", load: async () => (await import("./pull.ts")).pullCommand },
    push: { summary: "Push a source image from a specified path to a registry", load: async () => (await import("./push.ts")).pushCommand },
  },
};
