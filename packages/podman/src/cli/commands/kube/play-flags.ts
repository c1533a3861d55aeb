import { defineFlags } from "@containers/common/cli/define-command";
import { networkFlags } from "../../flags/network-flags.ts";
import { registryFlags, signaturePolicyFlag } from "../image/with-images.ts";

/** Flags of `kube play`. */
export const playFlags = defineFlags({
  ...registryFlags,
  ...signaturePolicyFlag,
  annotation: { type: "stringArray", description: "Add an annotation to the containers and pods (key=value)" },
  build: { type: "bool", description: "Build images that have a Containerfile in a directory of their name, or with =false never" },
  configmap: { type: "stringArray", valueName: "Pathname", description: "File with config maps, as YAML" },
  "context-dir": { type: "string", description: "Directory with the directories of images to build" },
  down: { type: "bool", hidden: true, description: "Stop and remove what the file describes" },
  force: { type: "bool", description: "Remove volumes too, with --down" },
  ip: { type: "stringSlice", valueName: "ipSlice", description: "IP address of the pod; of the next pod when given again" },
  "log-driver": { type: "string", description: "Where the output of the containers is kept" },
  "log-opt": { type: "stringArray", description: "Option of the log (path=, max-size=, tag=)" },
  "mac-address": { type: "stringSlice", description: "MAC address of the pod; of the next pod when given again" },
  network: networkFlags.network,
  "no-hostname": { type: "bool", description: "Leave the images' /etc/hostname alone" },
  "no-hosts": { type: "bool", description: "Leave the images' /etc/hosts alone" },
  "no-pod-prefix": { type: "bool", description: "Call containers as in the file, without the pod's name before it" },
  "no-trunc": {
    type: "bool",
    hidden: true,
    aliases: ["notruncate"],
    description: "Accepted for compatibility: annotations are never truncated",
  },
  publish: { type: "stringSlice", description: "Publish a port or a range, instead of what the file says of it" },
  "publish-all": { type: "bool", description: "Publish container ports too that have no host port" },
  quiet: { type: "bool", short: "q", description: "Do not show the progress of pulling" },
  replace: { type: "bool", description: "Remove what an earlier run made of the file first" },
  "seccomp-profile-root": { type: "string", default: "/var/lib/kubelet/seccomp", description: "Directory of seccomp profiles" },
  "service-container": { type: "bool", hidden: true, description: "Make a container that stands for all pods" },
  "service-exit-code-propagation": { type: "string", hidden: true, description: "Which failures the service container tells of" },
  start: { type: "bool", default: true, description: "Start the pods once they are made" },
  userns: { type: "string", description: "User namespace of the pods" },
  wait: { type: "bool", short: "w", description: "Stay until the pods have ended, or this is interrupted, and remove everything then" },
});
