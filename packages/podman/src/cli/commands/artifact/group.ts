import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman artifact`: each command's module is loaded when it is called. */
export const artifactGroup: CommandGroup = {
  name: "artifact",
  summary: "Manage OCI artifacts",
  description: "Manage OCI artifacts: files that live in registries beside images.",
  commands: {
    add: { summary: "Add an OCI artifact to the local store", load: async () => (await import("./add.ts")).artifactAddCommand },
    extract: {
      summary: "Extract an OCI artifact to a local path",
      load: async () => (await import("./extract.ts")).artifactExtractCommand,
    },
    inspect: { summary: "Inspect an OCI artifact", load: async () => (await import("./inspect.ts")).artifactInspectCommand },
    ls: { summary: "List OCI artifacts", aliases: ["list"], load: async () => (await import("./ls.ts")).artifactLsCommand },
    pull: {
      summary: "Pull an OCI artifact from a registry and store it locally",
      load: async () => (await import("./pull.ts")).artifactPullCommand,
    },
    push: { summary: "Push an OCI artifact to an image registry", load: async () => (await import("./push.ts")).artifactPushCommand },
    rm: { summary: "Remove one or more OCI artifacts", aliases: ["remove"], load: async () => (await import("./rm.ts")).artifactRmCommand },
  },
};
