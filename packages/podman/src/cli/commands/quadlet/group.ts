import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman quadlet`: each command's module is loaded when it is called. */
export const quadletGroup: CommandGroup = {
  name: "quadlet",
  summary: "Allows users to manage Quadlets",
  description: "Quadlets are files that say which containers, pods, volumes … systemd is to run; see podman-systemd.unit(5).",
  commands: {
    install: {
      summary: "Install a quadlet file or quadlet application",
      load: async () => (await import("./install.ts")).quadletInstallCommand,
    },
    list: { summary: "List Quadlets", aliases: ["ls"], load: async () => (await import("./list.ts")).quadletListCommand },
    print: {
      summary: "Display the contents of a quadlet",
      aliases: ["cat"],
      load: async () => (await import("./print.ts")).quadletPrintCommand,
    },
    rm: { summary: "Remove Quadlets", load: async () => (await import("./rm.ts")).quadletRmCommand },
  },
};
