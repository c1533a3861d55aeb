import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman network`: each command's module is loaded when it is called. */
export const networkGroup: CommandGroup = {
  name: "network",
  summary: "Manage networks",
  description: "Manage networks",
  commands: {
    connect: { summary: "Add container to a network", load: async () => (await import("./connect.ts")).networkConnectCommand },
    create: { summary: "Create networks for containers and pods", load: async () => (await import("./create.ts")).networkCreateCommand },
    disconnect: {
      summary: "Disconnect a container from a network",
      load: async () => (await import("./disconnect.ts")).networkDisconnectCommand,
    },
    exists: { summary: "Check if network exists", load: async () => (await import("./exists.ts")).networkExistsCommand },
    inspect: { summary: "Inspect network", load: async () => (await import("./inspect.ts")).networkInspectCommand },
    ls: { summary: "List networks", aliases: ["list"], load: async () => (await import("./ls.ts")).networkLsCommand },
    prune: { summary: "Prune unused networks", load: async () => (await import("./prune.ts")).networkPruneCommand },
    reload: {
      summary: "Reload firewall rules for one or more containers",
      load: async () => (await import("./reload.ts")).networkReloadCommand,
    },
    rm: { summary: "Remove networks", aliases: ["remove"], load: async () => (await import("./rm.ts")).networkRmCommand },
    update: { summary: "Update an existing podman network", load: async () => (await import("./update.ts")).networkUpdateCommand },
  },
};
