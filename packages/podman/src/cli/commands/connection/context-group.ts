import type { CommandGroup } from "@containers/common/cli/define-command";
import { connectionGroup } from "./group.ts";

const { list, remove } = connectionGroup.commands;

/** `podman context`: connections under docker's name for them. */
export const contextGroup: CommandGroup = {
  name: "context",
  summary: "Manage remote API service destinations",
  description: "Keeps the names of services and how they are reached, under docker's words for it.",
  hidden: true,
  commands: {
    create: {
      summary: "Record destination for the Podman service",
      load: async () => (await import("./context-create.ts")).contextCreateCommand,
    },
    inspect: {
      summary: "Inspect destination for a Podman service(s)",
      load: async () => (await import("./context-inspect.ts")).contextInspectCommand,
    },
    list,
    remove,
    use: {
      summary: "Set named destination as default for the Podman service",
      load: async () => (await import("./default.ts")).contextUseCommand,
    },
  },
};
