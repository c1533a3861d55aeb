import { defineCommand, defineFlags, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { parseVolume } from "@containers/common/mount-syntax/parse-volume";
import { clonePod, type PodCloneOptions } from "../../../pods/clone.ts";
import type { InfraSpec } from "../../../pods/pod-spec.ts";
import { resolvePod } from "../../../pods/resolve-pod.ts";
import { restartPolicy } from "../../flags/process-flags.ts";
import { keyValues, linesOfFiles } from "../../flags/read-lists.ts";
import { sysctls } from "../../flags/resource-flags.ts";
import { namespaceSpec, securitySpec } from "../../flags/security-flags.ts";
import { engineForImages } from "../container/engine-for-images.ts";
import { podCreateFlags, podLimitFlags } from "./create-flags.ts";
import { infraCommand, podDevices, podLimits } from "./pod-values.ts";

const {
  "cgroup-parent": cgroupParent,
  device,
  gidmap,
  gpus,
  hostname,
  "infra-command": command,
  "infra-conmon-pidfile": conmonPidfile,
  "infra-name": infraName,
  label,
  "label-file": labelFile,
  name,
  pid,
  restart,
  "security-opt": securityOpt,
  "shm-size": shmSize,
  "shm-size-systemd": shmSizeSystemd,
  subgidname,
  subuidname,
  sysctl,
  uidmap,
  userns,
  uts,
  volume,
  "volumes-from": volumesFrom,
} = podCreateFlags;

const flags = defineFlags({
  ...podLimitFlags,
  "cgroup-parent": cgroupParent,
  destroy: { type: "bool", description: "Remove the original pod" },
  device,
  gidmap,
  gpus,
  hostname,
  "infra-command": command,
  "infra-conmon-pidfile": conmonPidfile,
  "infra-name": infraName,
  label,
  "label-file": labelFile,
  name,
  pid,
  restart,
  "security-opt": securityOpt,
  "shm-size": shmSize,
  "shm-size-systemd": shmSizeSystemd,
  start: { type: "bool", description: "Start the new pod" },
  subgidname,
  subuidname,
  sysctl,
  uidmap,
  userns,
  uts,
  volume,
  "volumes-from": volumesFrom,
});

type CloneInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman pod clone`. */
export const podCloneCommand = defineCommand({
  name: "clone",
  summary: "Clone an existing pod",
  description: "Makes a pod like another one, with copies of its containers, and prints its id.",
  usage: "POD NAME",
  examples: ["podman pod clone pod_name new_name"],
  flags,
  args: { min: 1, max: 2 },
  run: async (invocation) => {
    const { args, out } = invocation;
    const engine = engineForImages(invocation);
    const made = await clonePod(engine, resolvePod(engine, args[0] ?? ""), cloneOptions(invocation));
    out.stdout(`${made.id}\n`);
    return undefined;
  },
});

function cloneOptions(invocation: CloneInvocation): PodCloneOptions {
  const { flags: values, args } = invocation;
  const chosen = args[1] ?? values.name ?? "";
  const labels = { ...keyValues(linesOfFiles(values.labelFile)), ...keyValues(values.label) };
  return {
    ...(chosen === "" ? {} : { name: chosen }),
    pod: {
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(values.hostname === undefined ? {} : { hostname: values.hostname }),
      ...(values.restart === undefined
        ? {}
        : { restart: restartPolicy({ restart: values.restart, rm: false }, "running pod create option: ") }),
      ...(values.cgroupParent === undefined ? {} : { cgroupParent: values.cgroupParent }),
      ...podLimits(invocation),
    },
    infra: infraChanges(invocation),
    destroy: values.destroy,
    start: values.start,
  };
}

/** What differs from the original's infra container: undefined stays as it is. */
function infraChanges({ flags: values, given }: CloneInvocation): Partial<InfraSpec> {
  const { pid: pidMode, uts: utsMode, user } = namespaceSpec({ ...values, ipc: undefined, cgroupns: undefined });
  return {
    name: values.infraName || undefined,
    command: given("infra-command") ? infraCommand(values.infraCommand ?? "") : undefined,
    conmonPidfile: values.infraConmonPidfile,
    pid: pidMode,
    uts: utsMode,
    user,
    volumes: values.volume.length === 0 ? undefined : values.volume.map(parseVolume),
    volumesFrom: values.volumesFrom.length === 0 ? undefined : values.volumesFrom,
    ...(values.device.length + values.gpus.length === 0 ? {} : podDevices(values)),
    shmSizeSystemd: given("shm-size-systemd") ? values.shmSizeSystemd : undefined,
    shmSize: given("shm-size") ? values.shmSize : undefined,
    security:
      values.securityOpt.length === 0
        ? undefined
        : securitySpec({ ...values, capAdd: [], capDrop: [], privileged: false, seccompPolicy: undefined }),
    sysctls: values.sysctl.length === 0 ? undefined : sysctls(values.sysctl),
  };
}
