import type { CommandGroup } from "@containers/common/cli/define-command";
import { connectionGroup } from "../connection/group.ts";

/** `podman system`: each command's module is loaded when it is called. */
export const systemGroup: CommandGroup = {
  name: "system",
  summary: "Manage podman",
  description: "Manage podman",
  commands: {
    check: { summary: "Check storage consistency", load: async () => (await import("./check.ts")).checkCommand },
    connection: { group: connectionGroup },
    df: { summary: "Show disk usage", load: async () => (await import("./df.ts")).dfCommand },
    "dial-stdio": {
      summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
      hidden: true,
      load: async () => (await import("./dial-stdio.ts")).dialStdioCommand,
    },
    events: { summary: "Show podman events", load: async () => (await import("./events.ts")).eventsCommand },
    info: { summary: "Display podman system information", load: async () => (await import("./info.ts")).infoCommand },
    locks: {
      summary: "Debug Libpod's use of locks, identifying any potential conflicts",
      hidden: true,
      load: async () => (await import("./locks.ts")).locksCommand,
    },
    migrate: { summary: "Migrate containers", load: async () => (await import("./migrate.ts")).migrateCommand },
    prune: { summary: "Remove unused data", load: async () => (await import("./prune.ts")).systemPruneCommand },
    renumber: { summary: "Migrate lock numbers", load: async () => (await import("./renumber.ts")).renumberCommand },
    reset: { summary: "Reset podman storage", load: async () => (await import("./reset.ts")).resetCommand },
    service: { summary: "Run API service", load: async () => (await import("./service.ts")).serviceCommand },
  },
};
