import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman volume`: each command's module is loaded when it is called. */
export const volumeGroup: CommandGroup = {
  name: "volume",
  summary: "Manage volumes",
  description: "Volumes keep data beyond the life of a container and share it between containers.",
  commands: {
    create: { summary: "Create a new volume", load: async () => (await import("./create.ts")).volumeCreateCommand },
    exists: { summary: "Check if a volume exists", load: async () => (await import("./exists.ts")).volumeExistsCommand },
    export: { summary: "Export volumes", load: async () => (await import("./export.ts")).volumeExportCommand },
    import: { summary: "Import a tarball into a volume", load: async () => (await import("./import.ts")).volumeImportCommand },
    inspect: {
      summary: "Display the configuration of one or more volumes",
      load: async () => (await import("./inspect.ts")).volumeInspectCommand,
    },
    ls: { summary: "List volumes", aliases: ["list"], load: async () => (await import("./ls.ts")).volumeLsCommand },
    mount: { summary: "Mount a volume", load: async () => (await import("./mount.ts")).volumeMountCommand },
    prune: { summary: "Remove all unused volumes", load: async () => (await import("./prune.ts")).volumePruneCommand },
    reload: { summary: "Reload all volumes from volume plugins", load: async () => (await import("./reload.ts")).volumeReloadCommand },
    rm: { summary: "Remove one or more volumes", aliases: ["remove"], load: async () => (await import("./rm.ts")).volumeRmCommand },
    unmount: {
      summary: "Unmount a volume",
      aliases: ["umount"],
      load: async () => (await import("./mount.ts")).volumeUnmountCommand,
    },
  },
};
