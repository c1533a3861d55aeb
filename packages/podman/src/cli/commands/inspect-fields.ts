import { GoTime } from "@containers/common/report/template/go-time";
import { withJson } from "@containers/common/report/with-json";

/** What JSON leaves out of a container while it is empty; templates may name it all the same. */
const OMITTED = { OCIConfigPath: "", OCIRuntime: "", SizeRw: null, SizeRootFs: 0 };

const OMITTED_PARTS: Readonly<Record<string, object>> = {
  State: {
    ConmonPid: 0,
    Health: null,
    Checkpointed: false,
    CgroupPath: "",
    CheckpointLog: "",
    CheckpointPath: "",
    Restored: false,
    RestoreLog: "",
    StoppedByUser: false,
  },
  Config: {
    StartupHealthCheck: null,
    Healthcheck: null,
    HealthcheckOnFailureAction: "",
    HealthLogDestination: "",
    HealthcheckMaxLogCount: 0,
    HealthcheckMaxLogSize: 0,
    CreateCommand: [],
    Timezone: "",
    SystemdMode: false,
    Umask: "",
    Secrets: [],
    Passwd: false,
    ChrootDirs: [],
    sdNotifyMode: "",
    sdNotifySocket: "",
    ExposedPorts: new Map(),
    Volumes: new Map(),
    OnBuild: null,
  },
  HostConfig: { CgroupManager: "", IDMappings: null, Init: false, IntelRdtClosID: "" },
  NetworkSettings: { SecondaryIPAddresses: [], SecondaryIPv6Addresses: [], AdditionalMACAddresses: [], Networks: new Map() },
};

/** A container with the fields that its JSON leaves out; anything else as it is. What the function `json` prints stays the same. */
export function withOmitted(found: unknown): unknown {
  if (!isObject(found) || !isObject(found["State"]) || !("CheckpointedAt" in found["State"])) return found;
  const parts = Object.entries(OMITTED_PARTS).map(([name, omitted]) => {
    const part = found[name];
    return [name, isObject(part) ? withJson({ ...omitted, ...part }, () => part) : part];
  });
  return { ...OMITTED, ...found, ...Object.fromEntries(parts) };
}

/** What templates call a pod's limits, JSON's name, and what stands for one that is not there. */
const POD_LIMITS: ReadonlyArray<readonly [name: string, key: string, absent: unknown]> = [
  ["CPUPeriod", "cpu_period", 0],
  ["CPUQuota", "cpu_quota", 0],
  ["CPUShares", "cpu_shares", 0],
  ["CPUSetCPUs", "cpuset_cpus", ""],
  ["CPUSetMems", "cpuset_mems", ""],
  ["MemoryLimit", "memory_limit", 0],
  ["MemorySwap", "memory_swap", 0],
  ["BlkioWeight", "blkio_weight", 0],
  ["BlkioWeightDevice", "blkio_weight_device", []],
  ["BlkioDeviceReadBps", "device_read_bps", []],
  ["BlkioDeviceWriteBps", "device_write_bps", []],
  ["Devices", "devices", []],
  ["VolumesFrom", "volumes_from", []],
  ["SecurityOpts", "security_opt", []],
];

/** A pod with the names that templates have for its limits. */
export function podFields(pod: unknown): unknown {
  if (!isObject(pod)) return pod;
  return { ...pod, ...Object.fromEntries(POD_LIMITS.map(([name, key, absent]) => [name, pod[key] ?? absent])) };
}

/** Lists by the part they are in: one that is not there is an empty one to templates, as in Go. */
const LISTS: Readonly<Record<string, readonly string[]>> = {
  Config: ["Cmd", "Entrypoint", "Env"],
  HostConfig: [
    "VolumesFrom",
    "Links",
    ...["BlkioWeightDevice", "BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"],
  ],
};

/** What templates see; what the function `json` prints stays the same. */
export function withEmptyLists(value: unknown): unknown {
  if (!isObject(value) || !isObject(value["Config"])) return value;
  const parts = Object.entries(LISTS).flatMap(([name, lists]) => {
    const part = value[name];
    if (!isObject(part)) return [];
    const empty = lists.filter((key) => name === "Config" || key in part).map((key) => [key, part[key] ?? withJson([], () => null)]);
    return [[name, withJson({ ...part, ...Object.fromEntries(empty), ...logConfig(part) }, () => part)]];
  });
  return { ...value, ...Object.fromEntries(parts) };
}

/** The options of a log driver are a map. */
function logConfig({ LogConfig: log }: Record<string, unknown>): object {
  if (!isObject(log) || log["Config"] !== null) return {};
  return { LogConfig: withJson({ ...log, Config: new Map() }, () => log) };
}

/** Names of times in what is inspected, wherever they stand. */
const TIMES: ReadonlySet<string> = new Set(["Created", "CreatedAt", "StartedAt", "FinishedAt", "CheckpointedAt", "RestoredAt"]);
/** Parts that have times of their own. */
const TIMED_PARTS = ["State", "History"] as const;

/** What templates see: times as Go's. */
export function withTimes(value: unknown): unknown {
  if (!isObject(value)) return value;
  const timed = TIMED_PARTS.flatMap((name) => {
    const part = value[name];
    if (Array.isArray(part)) return [[name, withJson(part.map(timesOf).map(historyFields), () => part)]];
    return isObject(part) ? [[name, withJson(timesOf(part), () => part)]] : [];
  });
  return { ...timesOf(value), ...Object.fromEntries(timed) };
}

/** An entry of an image's history has names of its own in JSON. */
function historyFields(entry: unknown): unknown {
  if (!isObject(entry) || !("created_by" in entry || "created" in entry)) return entry;
  const { created, created_by: createdBy, author = "", comment = "", empty_layer: emptyLayer } = entry;
  const fields = {
    Created: typeof created === "string" ? new GoTime(created) : null,
    CreatedBy: createdBy ?? "",
    ...{ Author: author, Comment: comment },
    EmptyLayer: emptyLayer === true,
  };
  return withJson(fields, () => entry);
}

function timesOf<T>(value: T): T {
  if (!isObject(value)) return value;
  const times = Object.entries(value).flatMap(([name, text]) =>
    TIMES.has(name) && typeof text === "string" && text !== "" ? [[name, new GoTime(text)]] : [],
  );
  return times.length === 0 ? value : { ...value, ...Object.fromEntries(times) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
