import type { CommandGroup } from "@containers/common/cli/define-command";

const list = async () => (await import("./list.ts")).containerListCommand;

/** `podman container`: each command's module is loaded when it is called. */
export const containerGroup: CommandGroup = {
  name: "container",
  summary: "Manage containers",
  description: "Manage containers",
  commands: {
    attach: { summary: "Attach to a running container", load: async () => (await import("./attach.ts")).attachCommand },
    checkpoint: { summary: "Checkpoint one or more containers", load: async () => (await import("./checkpoint.ts")).checkpointCommand },
    cleanup: {
      summary: "Clean up after one or more containers that have ended",
      load: async () => (await import("./cleanup.ts")).cleanupCommand,
    },
    clone: { summary: "Clone an existing container", load: async () => (await import("./clone.ts")).cloneCommand },
    commit: { summary: "Make an image out of a container's changes", load: async () => (await import("./commit.ts")).commitCommand },
    cp: { summary: "Copy files between containers and the host", load: async () => (await import("./cp.ts")).cpCommand },
    create: { summary: "Create a container without starting it", load: async () => (await import("./create.ts")).createCommand },
    diff: { summary: "List what a container changed in its file system", load: async () => (await import("./diff.ts")).diffCommand },
    exec: { summary: "Run a process in a running container", load: async () => (await import("./exec.ts")).execCommand },
    exists: { summary: "Check if a container exists in local storage", load: async () => (await import("./exists.ts")).existsCommand },
    export: { summary: "Export a container's file system as a tar archive", load: async () => (await import("./export.ts")).exportCommand },
    init: { summary: "Initialize one or more containers", load: async () => (await import("./init.ts")).initCommand },
    inspect: {
      summary: "Display the configuration of a container",
      load: async () => (await import("./inspect.ts")).containerInspectCommand,
    },
    kill: { summary: "Send a signal to one or more running containers", load: async () => (await import("./kill.ts")).killCommand },
    list: { summary: "List containers", aliases: ["ls"], load: list },
    logs: { summary: "Fetch the logs of one or more containers", load: async () => (await import("./logs.ts")).logsCommand },
    mount: { summary: "Mount a container's root file system", load: async () => (await import("./mount.ts")).mountCommand },
    pause: { summary: "Pause all the processes in one or more containers", load: async () => (await import("./pause.ts")).pauseCommand },
    port: { summary: "List the published ports of a container", load: async () => (await import("./port.ts")).portCommand },
    prune: { summary: "Remove all containers that do not run", load: async () => (await import("./prune.ts")).pruneCommand },
    ps: { summary: "List containers", load: list },
    rename: { summary: "Rename an existing container", load: async () => (await import("./rename.ts")).renameCommand },
    restart: { summary: "Restart one or more containers", load: async () => (await import("./restart.ts")).restartCommand },
    restore: {
      summary: "Restore one or more containers from a checkpoint",
      load: async () => (await import("./restore.ts")).restoreCommand,
    },
    rm: { summary: "Remove one or more containers", load: async () => (await import("./rm.ts")).rmCommand },
    run: { summary: "Run a command in a new container", load: async () => (await import("./run.ts")).runCommand },
    runlabel: {
      summary: "Execute the command described by an image label",
      load: async () => (await import("./runlabel.ts")).runlabelCommand,
    },
    start: { summary: "Start one or more containers", load: async () => (await import("./start.ts")).startCommand },
    stats: { summary: "Display what containers use of the machine", load: async () => (await import("./stats.ts")).statsCommand },
    stop: { summary: "Stop one or more containers", load: async () => (await import("./stop.ts")).stopCommand },
    top: { summary: "Display the running processes of a container", load: async () => (await import("./top.ts")).topCommand },
    unmount: {
      summary: "Unmount a container's root file system",
      aliases: ["umount"],
      load: async () => (await import("./unmount.ts")).unmountCommand,
    },
    unpause: { summary: "Unpause the processes in one or more containers", load: async () => (await import("./pause.ts")).unpauseCommand },
    update: { summary: "Update an existing container", load: async () => (await import("./update.ts")).updateCommand },
    wait: { summary: "Block until one or more containers stop", load: async () => (await import("./wait.ts")).waitCommand },
  },
};
