import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman generate`: each command's module is loaded when it is called. */
export const generateGroup: CommandGroup = {
  name: "generate",
  summary: "Generate structured data based on containers, pods or volumes",
  description: "Prints what would make containers, pods or volumes again.",
  commands: {
    spec: {
      summary: "Generate Specgen JSON based on containers or pods",
      load: async () => (await import("./spec.ts")).generateSpecCommand,
    },
    systemd: { summary: "[DEPRECATED] Generate systemd units", load: async () => (await import("./systemd.ts")).generateSystemdCommand },
    kube: {
      summary: "Generate Kubernetes YAML from containers, pods or volumes.",
      load: async () => ({ ...(await import("../kube/generate.ts")).kubeGenerateCommand, name: "kube" }),
    },
  },
};
