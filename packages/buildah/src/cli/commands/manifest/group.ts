import type { CommandGroup } from "@containers/common/cli/define-command";

/** `buildah manifest`: each command's module is loaded when it is called. */
export const manifestGroup: CommandGroup = {
  name: "manifest",
  summary: "Manipulate manifest lists and image indexes",
  description: "Creates, modifies, and pushes manifest lists and image indexes.",
  commands: {
    add: { summary: "Add images or artifacts to a manifest list or image index", load: async () => (await import("./add.ts")).addCommand },
    annotate: {
      summary: "Add or update information about an entry in a manifest list or image index",
      load: async () => (await import("./annotate.ts")).annotateCommand,
    },
    create: { summary: "Create manifest list or image index", load: async () => (await import("./create.ts")).createCommand },
    exists: {
      summary: "Check if a manifest list exists in local storage",
      load: async () => (await import("./exists.ts")).existsCommand,
    },
    inspect: {
      summary: "Display the contents of a manifest list or image index",
      load: async () => (await import("./inspect.ts")).inspectCommand,
    },
    push: { summary: "Push a manifest list or image index to a registry", load: async () => (await import("./push.ts")).pushCommand },
    remove: {
      summary: "Remove an entry from a manifest list or image index",
      load: async () => (await import("./remove.ts")).removeCommand,
    },
    rm: { summary: "Remove manifest list or image index", load: async () => (await import("./rm.ts")).rmCommand },
  },
};
