import type { CommandGroup } from "@containers/common/cli/define-command";

/** `podman kube`: each command's module is loaded when it is called. */
export const kubeGroup: CommandGroup = {
  name: "kube",
  summary: "Play containers, pods or volumes from a structured file",
  description: "Makes pods, containers and volumes out of Kubernetes files, and such files out of them.",
  commands: {
    apply: {
      summary: "Deploy a podman container, pod, volume, or Kubernetes yaml to a Kubernetes cluster",
      load: async () => (await import("./apply.ts")).kubeApplyCommand,
    },
    down: { summary: "Remove pods based on Kubernetes YAML", load: async () => (await import("./down.ts")).kubeDownCommand },
    generate: {
      summary: "Generate Kubernetes YAML from containers, pods or volumes.",
      load: async () => (await import("./generate.ts")).kubeGenerateCommand,
    },
    play: { summary: "Play a pod or volume based on Kubernetes YAML", load: async () => (await import("./play.ts")).kubePlayCommand },
  },
};

/** `podman play`: the old place of `kube play`. */
export const playGroup: CommandGroup = {
  name: "play",
  summary: "Play containers, pods or volumes from a structured file",
  hidden: true,
  commands: {
    kube: {
      summary: "Play a pod or volume based on Kubernetes YAML",
      hidden: true,
      load: async () => ({ ...(await import("./play.ts")).kubePlayCommand, name: "kube" }),
    },
  },
};
