import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman system connection`: where services are. Each command's module is loaded when it is called. */
export const connectionGroup = {
  name: "connection",
  summary: "Manage remote API service destinations",
  description: "Keeps the names of services and how they are reached.",
  commands: {
    add: { summary: "Record destination for the Podman service", load: async () => (await import("./add.ts")).connectionAddCommand },
    default: {
      summary: "Set named destination as default for the Podman service",
      load: async () => (await import("./default.ts")).connectionDefaultCommand,
    },
    list: {
      summary: "List destination for the Podman service(s)",
      aliases: ["ls"],
      load: async () => (await import("./list.ts")).connectionListCommand,
    },
    remove: {
      summary: "Delete named destination",
      aliases: ["rm"],
      load: async () => (await import("./remove.ts")).connectionRemoveCommand,
    },
    rename: {
      summary: "Rename an existing destination",
      aliases: ["mv"],
      load: async () => (await import("./rename.ts")).connectionRenameCommand,
    },
  },
} satisfies CommandGroup;
