import { defineFlags } from "@containers/common/cli/define-command";
import { networkFlags } from "../../flags/network-flags.ts";
import { resourceFlags } from "../../flags/resource-flags.ts";
import { namespaceFlags, securityFlags } from "../../flags/security-flags.ts";
import { storageFlags } from "../../flags/storage-flags.ts";

/** Limits of all containers together. */
export const podLimitFlags = defineFlags({
  "blkio-weight": resourceFlags["blkio-weight"],
  "blkio-weight-device": resourceFlags["blkio-weight-device"],
  "device-read-bps": resourceFlags["device-read-bps"],
  "device-write-bps": resourceFlags["device-write-bps"],
  "cpu-shares": resourceFlags["cpu-shares"],
  cpus: resourceFlags.cpus,
  "cpuset-cpus": resourceFlags["cpuset-cpus"],
  "cpuset-mems": resourceFlags["cpuset-mems"],
  memory: resourceFlags.memory,
  "memory-swap": resourceFlags["memory-swap"],
});

const { expose: _expose, "publish-all": _publishAll, ...podNetworkFlags } = networkFlags;

/** Flags of `pod create`. */
export const podCreateFlags = defineFlags({
  ...podNetworkFlags,
  ...podLimitFlags,
  "cgroup-parent": { type: "string", description: "Cgroup above the pod's" },
  device: { type: "stringArray", description: "Give the containers a device (host[:container][:rwm])" },
  gpus: storageFlags.gpus,
  "exit-policy": {
    type: "string",
    default: "continue",
    description: 'What becomes of the pod when its last container ends ("continue", "stop")',
  },
  hostname: { type: "string", short: "h", description: "Host name inside the pod; by default the pod's name" },
  infra: { type: "bool", default: true, description: "Make a container that holds the pod's namespaces" },
  "infra-command": { type: "string", description: "What the infra container runs" },
  "infra-conmon-pidfile": { type: "string", description: "Write the process id of the infra container's monitor to this file" },
  "infra-image": { type: "string", description: "Image of the infra container; by default none is needed" },
  "infra-name": { type: "string", description: "Name of the infra container" },
  label: { type: "stringArray", short: "l", description: "Set a label (key=value)" },
  "label-file": { type: "stringArray", description: "Read labels from a file" },
  name: { type: "string", short: "n", description: "Name of the pod" },
  "no-hostname": { type: "bool", description: "Leave the image's /etc/hostname alone" },
  pid: { type: "string", description: "Process namespace of the infra container: host, private, container:ID, ns:PATH" },
  "pod-id-file": { type: "string", description: "Write the pod's id to this file" },
  replace: { type: "bool", description: "Remove a pod that has the name already" },
  restart: { type: "string", description: "When containers that do not say otherwise are started again" },
  "security-opt": securityFlags["security-opt"],
  share: { type: "string", default: "ipc,net,uts", description: "Namespaces that the containers share (cgroup, ipc, net, pid, uts, none)" },
  "share-parent": { type: "bool", default: true, description: "The pod's cgroup is above its containers'" },
  "shm-size": { type: "bytes", default: "65536k", description: "Size of the shared /dev/shm" },
  "shm-size-systemd": storageFlags["shm-size-systemd"],
  sysctl: { type: "stringSlice", description: "Set a kernel parameter of the pod's namespaces" },
  gidmap: namespaceFlags.gidmap,
  subgidname: namespaceFlags.subgidname,
  subuidname: namespaceFlags.subuidname,
  uidmap: namespaceFlags.uidmap,
  userns: { type: "string", description: "User namespace of the pod: host, keep-id, nomap, auto, ns:PATH" },
  uts: { type: "string", description: "Host name namespace of the infra container: host, private, container:ID, ns:PATH" },
  volume: { type: "stringArray", short: "v", description: "Mount a volume or a host directory in all containers" },
  "volumes-from": { type: "stringArray", description: "Take over the volumes of a container" },
});
