import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman manifest`: each command's module is loaded when it is called. */
export const manifestGroup: CommandGroup = {
  name: "manifest",
  summary: "Manipulate manifest lists and image indexes",
  description: "Creates, modifies, and pushes manifest lists and image indexes.",
  commands: {
    add: {
      summary: "Add images or artifacts to a manifest list or image index",
      load: async () => (await import("./add.ts")).manifestAddCommand,
    },
    annotate: {
      summary: "Add or update information about an entry in a manifest list or image index",
      load: async () => (await import("./annotate.ts")).manifestAnnotateCommand,
    },
    create: { summary: "Create manifest list or image index", load: async () => (await import("./create.ts")).manifestCreateCommand },
    exists: {
      summary: "Check if a manifest list exists in local storage",
      load: async () => (await import("./exists.ts")).manifestExistsCommand,
    },
    inspect: {
      summary: "Display the contents of a manifest list or image index",
      load: async () => (await import("./inspect.ts")).manifestInspectCommand,
    },
    push: {
      summary: "Push a manifest list or image index to a registry",
      load: async () => (await import("./push.ts")).manifestPushCommand,
    },
    remove: {
      summary: "Remove an item from a manifest list or image index",
      load: async () => (await import("./remove.ts")).manifestRemoveCommand,
    },
    rm: {
      summary: "Remove manifest list or image index from local storage",
      load: async () => (await import("./rm.ts")).manifestRmCommand,
    },
  },
};
