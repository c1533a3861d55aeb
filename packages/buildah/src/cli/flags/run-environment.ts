import { defineFlags } from "@containers/common/cli/define-command";

/** What decides how commands are run in a working container. */
export const runFlags = defineFlags({
  "add-host": { type: "stringArray", description: "add a custom host-to-IP mapping (`host:ip`) (default [])" },
  "cap-add": { type: "stringSlice", description: "add the specified capability when running (default [])" },
  "cap-drop": { type: "stringSlice", description: "drop the specified capability when running (default [])" },
  "cgroup-parent": { type: "string", description: "optional parent cgroup for the container" },
  cgroupns: { type: "string", description: "'private', or 'host'" },
  "cpu-period": { type: "uint", description: "limit the CPU CFS (Completely Fair Scheduler) period" },
  "cpu-quota": { type: "int", description: "limit the CPU CFS (Completely Fair Scheduler) quota" },
  "cpu-shares": { type: "uint", short: "c", description: "CPU shares (relative weight)" },
  "cpuset-cpus": { type: "string", description: "CPUs in which to allow execution (0-3, 0,1)" },
  "cpuset-mems": {
    type: "string",
    description: "memory nodes (MEMs) in which to allow execution (0-3, 0,1). Only effective on NUMA systems.",
  },
  device: { type: "stringArray", description: "additional devices to provide" },
  dns: {
    type: "stringSlice",
    description:
      "set custom DNS servers or disable it completely by setting it to 'none', which prevents the automatic creation of `/etc/resolv.conf`.",
  },
  "dns-option": { type: "stringSlice", description: "set custom DNS options" },
  "dns-search": { type: "stringSlice", description: "set custom DNS search domains" },
  "group-add": {
    type: "stringSlice",
    description:
      "add additional groups to the primary container process. 'keep-groups' allows container processes to use supplementary groups.",
  },
  "hooks-dir": { type: "stringArray", description: "set the OCI hooks directory path (may be set multiple times)" },
  "http-proxy": { type: "bool", default: true, description: "pass through HTTP Proxy environment variables" },
  ipc: { type: "string", description: "'private', `path` of IPC namespace to join, or 'host'" },
  isolation: { type: "string", description: "`type` of process isolation to use. Use BUILDAH_ISOLATION environment variable to override." },
  memory: { type: "bytes", short: "m", description: "memory limit (format: <number>[<unit>], where unit = b, k, m or g)" },
  "memory-swap": { type: "bytes", description: "swap limit equal to memory plus swap: '-1' to enable unlimited swap" },
  network: { type: "string", aliases: ["net"], description: "'private', 'none', 'ns:path' of network namespace to join, or 'host'" },
  "no-hostname": {
    type: "bool",
    description: "do not create new /etc/hostname file for RUN instructions, use the one from the base image.",
  },
  "no-hosts": { type: "bool", description: "do not create new /etc/hosts file for RUN instructions, use the one from the base image." },
  pid: { type: "string", description: "private, `path` of PID namespace to join, or 'host'" },
  runtime: { type: "string", description: "`path` to an alternate runtime. Use BUILDAH_RUNTIME environment variable to override." },
  "runtime-flag": { type: "stringSlice", description: "add global flags for the container runtime" },
  "security-opt": { type: "stringArray", description: "security options (default [])" },
  "shm-size": { type: "bytes", default: "65536k", description: "size of '/dev/shm'. The format is `<number><unit>`." },
  ulimit: { type: "stringSlice", description: "ulimit options" },
  userns: { type: "string", description: "'container', `path` of user namespace to join, or 'host'" },
  "userns-gid-map": { type: "stringSlice", description: "`containerGID:hostGID:length` GID mapping to use in user namespace" },
  "userns-gid-map-group": { type: "string", description: "`name` of entries from /etc/subgid to use to set user namespace GID mapping" },
  "userns-uid-map": { type: "stringSlice", description: "`containerUID:hostUID:length` UID mapping to use in user namespace" },
  "userns-uid-map-user": { type: "string", description: "`name` of entries from /etc/subuid to use to set user namespace UID mapping" },
  uts: { type: "string", description: "private, :`path` of UTS namespace to join, or 'host'" },
  volume: { type: "stringArray", short: "v", description: "bind mount a volume into the container" },
});
