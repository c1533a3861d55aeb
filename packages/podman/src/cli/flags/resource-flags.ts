import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { parseSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ResourceSpec, UlimitSpec } from "../../container-spec/resource-spec.ts";
import { parseDeviceRule } from "./device-rule.ts";
import { keyValues } from "./read-lists.ts";

export const resourceFlags = defineFlags({
  "blkio-weight": { type: "string", description: "Share of block IO, 10 to 1000" },
  "blkio-weight-device": { type: "stringArray", valueName: "DEVICE_NAME:WEIGHT", description: "Share of block IO of a device" },
  "cgroup-conf": { type: "stringSlice", description: "Set a file of cgroup v2 (key=value)" },
  "cgroup-parent": { type: "string", description: "Cgroup above the container's" },
  cgroups: {
    type: "string",
    default: "enabled",
    description: 'Whether the container has a cgroup ("enabled", "disabled", "no-conmon", "split")',
  },
  "cpu-period": { type: "uint", description: "Period of the CPU limit in microseconds" },
  "cpu-quota": { type: "int", description: "CPU time per period in microseconds" },
  "cpu-rt-period": { type: "uint", description: "Period of the real-time CPU limit in microseconds" },
  "cpu-rt-runtime": { type: "int", description: "Real-time CPU time per period in microseconds" },
  "cpu-shares": { type: "uint", short: "c", description: "Share of CPU time" },
  cpus: { type: "float", description: "Number of CPUs, with decimals" },
  "cpuset-cpus": { type: "string", description: "CPUs to run on (0-3, 0,1)" },
  "cpuset-mems": { type: "string", description: "Memory nodes to use (0-3, 0,1)" },
  "device-cgroup-rule": { type: "stringArray", description: "Allow devices besides (type major:minor access)" },
  "device-read-bps": { type: "stringArray", description: "Limit reading from a device in bytes per second (path:rate)" },
  "device-read-iops": { type: "stringArray", description: "Limit reading from a device in operations per second (path:rate)" },
  "device-write-bps": { type: "stringArray", description: "Limit writing to a device in bytes per second (path:rate)" },
  "device-write-iops": { type: "stringArray", description: "Limit writing to a device in operations per second (path:rate)" },
  "kernel-memory": { type: "bytes", hidden: true, description: "Accepted with a warning: kernels no longer limit it" },
  memory: { type: "bytes", short: "m", description: "Memory limit" },
  "memory-reservation": { type: "bytes", description: "Memory limit under pressure" },
  "memory-swap": { type: "bytes", valueName: "string", description: "Limit of memory and swap together; -1 for none" },
  "memory-swappiness": { type: "int", default: -1, description: "Tendency to swap, 0 to 100, -1 for the system's" },
  "oom-kill-disable": { type: "bool", description: "Do not kill for want of memory" },
  "oom-score-adj": { type: "int", description: "Preference of the out-of-memory killer, -1000 to 1000" },
  "pids-limit": { type: "int", description: "Limit of processes; -1 for none" },
  "rdt-class": { type: "string", description: "Class of service of Intel's resource director" },
  sysctl: { type: "stringSlice", description: "Set a kernel parameter of the container's namespaces" },
  ulimit: { type: "stringSlice", description: "Set a resource limit (name=soft[:hard])" },
});

/** What of a running container may be changed. */
export const limitFlags = defineFlags({
  "blkio-weight": resourceFlags["blkio-weight"],
  "blkio-weight-device": resourceFlags["blkio-weight-device"],
  "cpu-period": resourceFlags["cpu-period"],
  "cpu-quota": resourceFlags["cpu-quota"],
  "cpu-rt-period": resourceFlags["cpu-rt-period"],
  "cpu-rt-runtime": resourceFlags["cpu-rt-runtime"],
  "cpu-shares": resourceFlags["cpu-shares"],
  cpus: resourceFlags.cpus,
  "cpuset-cpus": resourceFlags["cpuset-cpus"],
  "cpuset-mems": resourceFlags["cpuset-mems"],
  "device-read-bps": resourceFlags["device-read-bps"],
  "device-read-iops": resourceFlags["device-read-iops"],
  "device-write-bps": resourceFlags["device-write-bps"],
  "device-write-iops": resourceFlags["device-write-iops"],
  memory: resourceFlags.memory,
  "memory-reservation": resourceFlags["memory-reservation"],
  "memory-swap": resourceFlags["memory-swap"],
  "memory-swappiness": resourceFlags["memory-swappiness"],
  "pids-limit": resourceFlags["pids-limit"],
  ulimit: resourceFlags.ulimit,
});

type Values = FlagValues<typeof resourceFlags>;
type LimitValues = FlagValues<typeof limitFlags>;

/** The part of a spec that {@link resourceFlags} say. */
export function resourceSpec(values: Values, given: (flag: string) => boolean): ResourceSpec {
  if (values.memorySwap !== undefined && values.memorySwap > 0 && !values.memory)
    throw new ToolError("invalid-argument", "you should always set a memory limit when using a memoryswap limit, see usage");
  return {
    ...limitSpec(values, given),
    deviceRules: values.deviceCgroupRule.map(parseDeviceRule),
    oomKillDisable: values.oomKillDisable,
    oomScoreAdj: values.oomScoreAdj,
    unified: unifiedFiles(values.cgroupConf),
    ...(values.rdtClass === undefined ? {} : { rdtClass: values.rdtClass }),
    sysctls: sysctls(values.sysctl),
    cgroups: given("cgroups") && values.cgroups !== "" ? cgroupsMode(values.cgroups) : undefined,
    cgroupParent: values.cgroupParent,
  };
}

/** The part of {@link resourceSpec} that {@link limitFlags} say. */
export function limitSpec(values: LimitValues, given: (flag: string) => boolean): ResourceSpec {
  for (const other of ["cpu-period", "cpu-quota"]) {
    if (values.cpus !== undefined && given(other)) throw new ToolError("invalid-argument", `--${other} and --cpus cannot be set together`);
  }
  const { memory, memorySwap, memoryReservation } = values;
  for (const [value, least] of [
    [memory, 0],
    [memoryReservation, 0],
    [memorySwap, -1],
  ] as const)
    if (value !== undefined && value < least) throw new ToolError("invalid-argument", `invalid value for memory: invalid size: '${value}'`);
  if (memory !== undefined && memory > 0 && memoryReservation !== undefined && memory < memoryReservation)
    throw new ToolError("invalid-argument", "minimum memory limit cannot be less than memory reservation limit, see usage");
  if (memorySwap !== undefined && memorySwap > 0 && memory !== undefined && memorySwap < memory) {
    throw new ToolError("invalid-argument", "minimum memoryswap limit should be larger than memory limit");
  }
  return {
    memory,
    memoryReservation,
    memorySwap,
    memorySwappiness: given("memory-swappiness") ? swappiness(values.memorySwappiness) : undefined,
    ...cpuSpec(values),
    ...blockSpec(values),
    pidsLimit: values.pidsLimit,
    ulimits: values.ulimit.map(parseUlimit),
  };
}

function cgroupsMode(text: string): ResourceSpec["cgroups"] {
  const mode = (["enabled", "disabled", "no-conmon", "split"] as const).find((known) => known === text);
  if (mode === undefined)
    throw new ToolError(
      "invalid-argument",
      `running container create option: invalid cgroup mode ${JSON.stringify(text)}: invalid argument`,
    );
  return mode;
}

function unifiedFiles(texts: readonly string[]): Record<string, string> {
  if (texts.some((text) => !text.includes("="))) throw new ToolError("invalid-argument", "--cgroup-conf must be formatted KEY=VALUE");
  return keyValues(texts);
}

function cpuSpec(values: LimitValues): Partial<ResourceSpec> {
  return {
    cpus: values.cpus,
    cpuPeriod: values.cpuPeriod,
    cpuQuota: values.cpuQuota,
    cpuRealtimePeriod: values.cpuRtPeriod,
    cpuRealtimeRuntime: values.cpuRtRuntime,
    cpuShares: values.cpuShares,
    cpusetCpus: values.cpusetCpus,
    cpusetMems: values.cpusetMems,
  };
}

type BlockValues = Pick<
  LimitValues,
  "blkioWeight" | "blkioWeightDevice" | "deviceReadBps" | "deviceWriteBps" | "deviceReadIops" | "deviceWriteIops"
>;

/** Limits of block devices. */
export function blockSpec(values: BlockValues): Partial<ResourceSpec> {
  return {
    blkioWeight: values.blkioWeight === undefined ? undefined : weight(values.blkioWeight),
    blkioWeightDevices: values.blkioWeightDevice.map(deviceWeight),
    deviceReadBps: values.deviceReadBps.map(byteRate),
    deviceWriteBps: values.deviceWriteBps.map(byteRate),
    deviceReadIops: values.deviceReadIops.map(countRate),
    deviceWriteIops: values.deviceWriteIops.map(countRate),
  };
}

function weight(text: string): number {
  if (!/^\d+$/.test(text)) {
    throw new ToolError(
      "invalid-argument",
      `invalid value for blkio-weight: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  }
  const value = Number(text);
  if (value !== 0 && (value < 10 || value > 1000))
    throw new ToolError("invalid-argument", `invalid block IO weight ${JSON.stringify(text)}: must be from 10 to 1000`);
  return value;
}

function deviceWeight(text: string): { path: string; weight: number } {
  const { path, value } = devicePair(text);
  const number = Number(value);
  if (!/^\d+$/.test(value) || (number !== 0 && (number < 10 || number > 1000)))
    throw new ToolError("invalid-argument", `invalid weight for device: ${text}`);
  return { path, weight: number };
}

function devicePair(text: string): { path: string; value: string } {
  const colon = text.lastIndexOf(":");
  if (colon < 1 || colon === text.length - 1) throw new ToolError("invalid-argument", `bad format: ${text}`);
  const path = text.slice(0, colon);
  if (!path.startsWith("/dev/")) throw new ToolError("invalid-argument", `bad format for device path: ${text}`);
  return { path, value: text.slice(colon + 1) };
}

function byteRate(text: string): { path: string; rate: number } {
  const { path, value } = devicePair(text);
  const rate = parseSize(value);
  if (rate === undefined)
    throw new ToolError(
      "invalid-argument",
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    );
  return { path, rate };
}

function countRate(text: string): { path: string; rate: number } {
  const { path, value } = devicePair(text);
  if (!/^\d+$/.test(value))
    throw new ToolError(
      "invalid-argument",
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  return { path, rate: Number(value) };
}

function swappiness(value: number): number {
  if (value < -1 || value > 100) throw new ToolError("invalid-argument", `invalid value: ${value}, valid memory swappiness range is 0-100`);
  return value;
}

/** @throws invalid-argument for a text without a value */
export function sysctls(texts: readonly string[]): Record<string, string> {
  for (const text of texts)
    if (!text.includes("=")) throw new ToolError("invalid-argument", `${text} is invalid, sysctl values must be in the form of KEY=VALUE`);
  return keyValues(texts);
}

const limitNames = new Set([
  "core",
  "cpu",
  "data",
  "fsize",
  "locks",
  "memlock",
  "msgqueue",
  "nice",
  "nofile",
  "nproc",
  "rss",
  "rtprio",
  "rttime",
  "sigpending",
  "stack",
  "as",
]);

/** `nofile=1024[:2048]`; -1 means no limit; `host` copies the caller's. */
function parseUlimit(text: string): UlimitSpec {
  const refuse = (reason: string) =>
    new ToolError("invalid-argument", `ulimit option ${JSON.stringify(text)} requires name=SOFT:HARD, failed to be parsed: ${reason}`);
  if (text === "host") return { name: "host", soft: -1, hard: -1 };
  const equals = text.indexOf("=");
  if (equals === -1) throw refuse(`invalid ulimit argument: ${text}`);
  const name = text.slice(0, equals);
  if (!limitNames.has(name)) throw refuse(`invalid ulimit type: ${name}`);
  const [softText = "", hardText = softText, ...more] = text.slice(equals + 1).split(":");
  if (more.length > 0) throw refuse(`too many limit value arguments - ${text.slice(equals + 1)}, can only have up to two, \`soft[:hard]\``);
  const [soft, hard] = [softText, hardText].map((value) => {
    if (value === "unlimited") return -1;
    if (!/^-?\d+$/.test(value)) throw refuse(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    return Number(value);
  });
  if (soft === undefined || hard === undefined) throw refuse(`invalid ulimit argument: ${text}`);
  const limits = soft === -1 ? `soft: -1 (unlimited), hard: ${hard}` : `${soft} > ${hard}`;
  if (hard !== -1 && (soft > hard || soft === -1)) throw refuse(`ulimit soft limit must be less than or equal to hard limit: ${limits}`);
  return { name, soft, hard };
}
