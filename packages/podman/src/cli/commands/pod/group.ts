import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman pod`: each command's module is loaded when it is called. */
export const podGroup: CommandGroup = {
  name: "pod",
  summary: "Manage pods",
  description: "Pods are groups of containers that share namespaces: a network first of all.",
  commands: {
    clone: { summary: "Clone an existing pod", load: async () => (await import("./clone.ts")).podCloneCommand },
    create: { summary: "Create a new empty pod", load: async () => (await import("./create.ts")).podCreateCommand },
    exists: { summary: "Check if a pod exists in local storage", load: async () => (await import("./exists.ts")).podExistsCommand },
    inspect: { summary: "Display the configuration of a pod", load: async () => (await import("./inspect.ts")).podInspectCommand },
    kill: {
      summary: "Send the specified signal or SIGKILL to containers in pod",
      load: async () => (await import("./kill.ts")).podKillCommand,
    },
    logs: { summary: "Fetch logs for pod with one or more containers", load: async () => (await import("./logs.ts")).podLogsCommand },
    pause: { summary: "Pause one or more pods", load: async () => (await import("./pause.ts")).podPauseCommand },
    prune: { summary: "Remove all stopped pods and their containers", load: async () => (await import("./prune.ts")).podPruneCommand },
    ps: { summary: "List pods", aliases: ["ls", "list"], load: async () => (await import("./list.ts")).podListCommand },
    restart: { summary: "Restart one or more pods", load: async () => (await import("./restart.ts")).podRestartCommand },
    rm: { summary: "Remove one or more pods", load: async () => (await import("./rm.ts")).podRmCommand },
    start: { summary: "Start one or more pods", load: async () => (await import("./start.ts")).podStartCommand },
    stats: {
      summary: "Display a live stream of resource usage statistics for the containers in one or more pods",
      load: async () => (await import("./stats.ts")).podStatsCommand,
    },
    stop: { summary: "Stop one or more pods", load: async () => (await import("./stop.ts")).podStopCommand },
    top: { summary: "Display the running processes of containers in a pod", load: async () => (await import("./top.ts")).podTopCommand },
    unpause: { summary: "Unpause one or more pods", load: async () => (await import("./pause.ts")).podUnpauseCommand },
  },
};
