import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman image trust`. */
export const imageTrustGroup: CommandGroup = {
  name: "trust",
  summary: "Manage container image trust policy",
  description: "Manages which registries you trust as a source of container images based on their location.",
  commands: {
    set: {
      summary: "Set default trust policy or a new trust policy for a registry",
      load: async () => (await import("./trust-set.ts")).imageTrustSetCommand,
    },
    show: { summary: "Display trust policy for the system", load: async () => (await import("./trust-show.ts")).imageTrustShowCommand },
  },
};
