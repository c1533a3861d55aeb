import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman secret`: each command's module is loaded when it is called. */
export const secretGroup: CommandGroup = {
  name: "secret",
  summary: "Manage secrets",
  description: "Secrets keep passwords and keys out of images and command lines.",
  commands: {
    create: { summary: "Create a new secret", load: async () => (await import("./create.ts")).secretCreateCommand },
    exists: { summary: "Check if a secret exists", load: async () => (await import("./exists.ts")).secretExistsCommand },
    inspect: { summary: "Display what is known of secrets", load: async () => (await import("./inspect.ts")).secretInspectCommand },
    ls: { summary: "List secrets", aliases: ["list"], load: async () => (await import("./ls.ts")).secretLsCommand },
    rm: { summary: "Remove one or more secrets", load: async () => (await import("./rm.ts")).secretRmCommand },
  },
};
