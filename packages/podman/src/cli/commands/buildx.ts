import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman buildx`, for those who are used to docker's names. */
export const buildxGroup: CommandGroup = {
  name: "buildx",
  aliases: ["builder"],
  summary: "Build images",
  description: "Build images, under docker's name for it.",
  hidden: true,
  commands: {
    build: {
      summary: "Build an image using instructions from Containerfiles",
      load: async () => (await import("./build.ts")).buildCommand,
    },
    inspect: {
      summary: "Inspects build capabilities",
      load: async () => (await import("./buildx-inspect.ts")).buildxInspectCommand,
    },
    prune: {
      summary: "Remove unused images",
      load: async () => (await import("./image/prune.ts")).imagePruneCommand,
    },
    version: {
      summary: "Print the version of the builder",
      load: async () => (await import("./buildx-version.ts")).buildxVersionCommand,
    },
  },
};
