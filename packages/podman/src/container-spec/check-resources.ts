import { existsSync, readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ResourceSpec } from "./resource-spec.ts";

interface Host {
  readonly version: 1 | 2;
  readonly rootless: boolean;
  readonly root?: string;
  /** Told of limits that the kernel lacks. */
  warn(message: string): void;
}

const NO_LIMITS = "Resource limits are not supported and ignored on cgroups V1 rootless systems";
const CPU_PERIOD = 100_000;
const LEAST_QUOTA = 1000;

/** Files of cgroup v1 without which a limit is left out, and what is said then. */
const BLOCK_FILES: ReadonlyArray<readonly [keyof ResourceSpec, file: string, missing: string]> = [
  ["blkioWeight", "blkio.weight", "Block I/O weight or the cgroup is not mounted. Weight discarded."],
  ["blkioWeightDevices", "blkio.weight_device", "Block I/O weight_device or the cgroup is not mounted. Weight-device discarded."],
  [
    "deviceReadBps",
    "blkio.throttle.read_bps_device",
    "BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded",
  ],
  [
    "deviceWriteBps",
    "blkio.throttle.write_bps_device",
    "BPS Block I/O write limit or the cgroup is not mounted. Block I/O BPS write limit discarded.",
  ],
  [
    "deviceReadIops",
    "blkio.throttle.read_iops_device",
    "IOPS Block read limit or the cgroup is not mounted. Block I/O IOPS read limit discarded.",
  ],
  [
    "deviceWriteIops",
    "blkio.throttle.write_iops_device",
    "IOPS Block I/O write limit or the cgroup is not mounted. Block I/O IOPS write limit discarded.",
  ],
];

/**
 * The limits less what this host's kernel lacks, each of which `warn` is told. Where the kernel would refuse a value later, it is refused here.
 *
 * @throws invalid-argument
 */
export function checkResources(asked: ResourceSpec, host: Host): ResourceSpec {
  if (host.version === 2) return withoutRealtime(asked, host);
  if (host.rootless) return withoutLimits(asked, host);
  const { root = "/sys/fs/cgroup" } = host;
  checkProcessorTime(asked);
  checkSet(asked.cpusetCpus, { file: `${root}/cpuset/cpuset.cpus`, name: "cpuset cpus", kind: "CPUs" });
  checkSet(asked.cpusetMems, { file: `${root}/cpuset/cpuset.mems`, name: "cpuset mems", kind: "memory nodes" });
  const missing = BLOCK_FILES.filter(([key, file]) => isSet(asked[key]) && !existsSync(`${root}/blkio/${file}`));
  for (const [, , text] of missing) host.warn(`Your kernel does not support ${text}`);
  const gone = new Set<string>(missing.map(([key]) => key));
  return gone.size === 0 ? asked : Object.fromEntries(Object.entries(asked).filter(([key]) => !gone.has(key)));
}

function isSet(value: unknown): boolean {
  return value !== undefined && !(Array.isArray(value) && value.length === 0);
}

/** What an ordinary user's container has without a cgroup of its own. */
const UNLIMITED: ReadonlySet<string> = new Set<keyof ResourceSpec>([
  "deviceRules",
  "oomScoreAdj",
  "rdtClass",
  "ulimits",
  "sysctls",
  "cgroups",
  "cgroupParent",
]);

function withoutLimits(asked: ResourceSpec, { warn }: Host): ResourceSpec {
  const limits = Object.entries(asked).filter(([key, value]) => !UNLIMITED.has(key) && asksForLimit(value));
  if (limits.length === 0) return asked;
  warn(NO_LIMITS);
  return Object.fromEntries(Object.entries(asked).filter(([key]) => UNLIMITED.has(key)));
}

function asksForLimit(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function withoutRealtime(asked: ResourceSpec, { warn }: Host): ResourceSpec {
  const { cpuRealtimePeriod, cpuRealtimeRuntime, ...rest } = asked;
  if (cpuRealtimePeriod) warn("Realtime period not supported on cgroups V2 systems");
  if (cpuRealtimeRuntime) warn("Realtime runtime not supported on cgroups V2 systems");
  return cpuRealtimePeriod || cpuRealtimeRuntime ? rest : asked;
}

function checkProcessorTime({ cpus = 0, cpuPeriod, cpuQuota }: ResourceSpec): void {
  const period = cpus > 0 ? CPU_PERIOD : cpuPeriod;
  if (period && (period < 1000 || period > 1_000_000))
    throw new ToolError("invalid-argument", "CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
  const quota = cpus > 0 ? Math.floor(cpus * CPU_PERIOD) : cpuQuota;
  if (quota && quota > 0 && quota < LEAST_QUOTA)
    throw new ToolError("invalid-argument", "CPU cfs quota cannot be less than 1ms (i.e. 1000)");
}

/** Whether the machine has all of `0-2,5`. */
function checkSet(text: string | undefined, set: { readonly file: string; readonly name: string; readonly kind: string }): void {
  if (text === undefined || text === "" || !existsSync(set.file)) return;
  const wanted = numbersOf(text);
  if (wanted === undefined) throw new ToolError("invalid-argument", `invalid value ${text} for ${set.name}`);
  const available = readFileSync(set.file, "utf8").trim();
  const there = new Set(numbersOf(available));
  if (wanted.every((number) => there.has(number))) return;
  throw new ToolError("invalid-argument", `requested ${set.kind} are not available - requested ${text}, available: ${available}`);
}

/** Undefined for what is no list of numbers and ranges. */
function numbersOf(text: string): number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(",")) {
    const [, from, to = from] = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part) ?? [];
    if (from === undefined || Number(from) > Number(to)) return undefined;
    for (let number = Number(from); number <= Number(to); number += 1) numbers.push(number);
  }
  return numbers;
}
