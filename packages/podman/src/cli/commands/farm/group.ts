import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman farm`: connections that build together. Each command's module is loaded when it is called. */
export const farmGroup: CommandGroup = {
  name: "farm",
  summary: "Farm out builds to remote machines",
  description: "Builds on several machines at once, and puts the images into one manifest list.",
  commands: {
    build: {
      summary: "Build a container image for multiple architectures",
      load: async () => (await import("./build.ts")).farmBuildCommand,
    },
    create: { summary: "Create a new farm", load: async () => (await import("./create.ts")).farmCreateCommand },
    list: { summary: "List all existing farms", aliases: ["ls"], load: async () => (await import("./list.ts")).farmListCommand },
    remove: { summary: "Remove one or more farms", aliases: ["rm"], load: async () => (await import("./remove.ts")).farmRemoveCommand },
    update: { summary: "Update an existing farm", load: async () => (await import("./update.ts")).farmUpdateCommand },
  },
};
