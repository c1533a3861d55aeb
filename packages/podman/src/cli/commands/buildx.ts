import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman buildx`, for those who are used to docker's: there is nothing in it but `build`. */
export const buildxGroup: CommandGroup = {
  name: "buildx",
  summary: "Build images",
  description: "Build images, under docker's name for it.",
  hidden: true,
  commands: {
    build: {
      summary: "Build an image using instructions from Containerfiles",
      load: async () => (await import("./build.ts")).buildCommand,
    },
    version: {
      summary: "Print the version of the builder",
      load: async () => (await import("./buildx-version.ts")).buildxVersionCommand,
    },
  },
};
