import { HttpError } from "../../errors-to-http.ts";

/** Parameters of a build whose value is the flag's. 0 and empty text mean the default. */
const TEXTS: Readonly<Record<string, string>> = {
  target: "target",
  memory: "memory",
  memswap: "memory-swap",
  cpushares: "cpu-shares",
  cpuperiod: "cpu-period",
  cpuquota: "cpu-quota",
  cpusetcpus: "cpuset-cpus",
  cpusetmems: "cpuset-mems",
  cgroupparent: "cgroup-parent",
  shmsize: "shm-size",
  outputformat: "format",
  manifest: "manifest",
  timestamp: "timestamp",
  sourcedateepoch: "source-date-epoch",
  retry: "retry",
  "retry-delay": "retry-delay",
};

/** Those that are true or false. */
const BOOLS: Readonly<Record<string, string>> = {
  nocache: "no-cache",
  squash: "squash",
  layers: "layers",
  rm: "rm",
  forcerm: "force-rm",
  omithistory: "omit-history",
  rewritetimestamp: "rewrite-timestamp",
  tlsVerify: "tls-verify",
  skipunusedstages: "skip-unused-stages",
  identitylabel: "identity-label",
  inheritlabels: "inherit-labels",
  inheritannotations: "inherit-annotations",
  createdannotation: "created-annotation",
  httpproxy: "http-proxy",
  nohosts: "no-hosts",
};

/** Lists, as JSON or repeated. */
const LISTS: Readonly<Record<string, string>> = {
  addcaps: "cap-add",
  dropcaps: "cap-drop",
  devices: "device",
  dnsservers: "dns",
  dnsoptions: "dns-option",
  dnssearch: "dns-search",
  extrahosts: "add-host",
  annotations: "annotation",
  secrets: "secret",
  securityopt: "security-opt",
  setenv: "env",
  unsetenv: "unsetenv",
  unsetlabel: "unsetlabel",
  unsetannotation: "unsetannotation",
  layerLabel: "layer-label",
  volume: "volume",
  groupadd: "group-add",
};

/** What of a build's parameters its flags say alike: `?nocache=1&target=x` → `--no-cache=true --target=x`. */
export function buildArguments(query: URLSearchParams, isLibpod: boolean): string[] {
  return [
    ...Object.entries(TEXTS).flatMap(([name, flag]) => text(query.get(name), flag)),
    ...Object.entries(BOOLS).flatMap(([name, flag]) => bool(query.get(name), flag)),
    ...Object.entries(LISTS).flatMap(([name, flag]) => list(query, name).map((value) => `--${flag}=${value}`)),
    ...list(query, "ulimits").map((value) => `--ulimit=${value}`),
    ...map(query, "buildargs").map((pair) => `--build-arg=${pair}`),
    ...map(query, "labels").map((pair) => `--label=${pair}`),
    ...platforms(query).map((platform) => `--platform=${platform}`),
    ...pull(query, isLibpod),
    ...network(query, isLibpod),
    ...(isLibpod ? [] : ["--format=docker"]),
  ];
}

function text(value: string | null, flag: string): string[] {
  return value === null || value === "" || value === "0" ? [] : [`--${flag}=${value}`];
}

function bool(value: string | null, flag: string): string[] {
  if (value === null || value === "") return [];
  return [`--${flag}=${!["0", "false", "f", "no", "none"].includes(value.toLowerCase())}`];
}

function list(query: URLSearchParams, name: string): string[] {
  return query.getAll(name).flatMap((value) => {
    if (value === "") return [];
    if (!value.startsWith("[")) return [value];
    const parsed = json(name, value);
    if (!Array.isArray(parsed)) throw refuse(name, value);
    return parsed.map((one) => (typeof one === "string" ? one : ulimit(one)));
  });
}

/** Docker's form of a limit. */
function ulimit(one: unknown): string {
  if (typeof one !== "object" || one === null || !("Name" in one)) return String(one);
  const { Name, Soft, Hard } = one as { readonly Name: unknown; readonly Soft?: unknown; readonly Hard?: unknown };
  return `${String(Name)}=${String(Soft ?? 0)}:${String(Hard ?? Soft ?? 0)}`;
}

/** A JSON map, or a list of `key=value`; a value of null is the environment's, which is not the client's. */
function map(query: URLSearchParams, name: string): string[] {
  const value = query.get(name);
  if (value === null || value === "") return [];
  const parsed = json(name, value);
  if (Array.isArray(parsed)) return parsed.map(String);
  if (typeof parsed !== "object" || parsed === null) throw refuse(name, value);
  const entries: ReadonlyArray<readonly [string, unknown]> = Object.entries(parsed);
  return entries.flatMap(([key, one]) => (one === null ? [] : [`${key}=${String(one)}`]));
}

function json(name: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    throw refuse(name, value);
  }
}

function refuse(name: string, value: string): HttpError {
  const because = `invalid character '${value[0] ?? ""}' looking for beginning of value`;
  return new HttpError(400, `failed to parse query parameter '${name}': ${JSON.stringify(value)}: ${because}`, { because });
}

function platforms(query: URLSearchParams): string[] {
  return query.getAll("platform").flatMap((value) => value.split(",").filter((one) => one !== ""));
}

function pull(query: URLSearchParams, isLibpod: boolean): string[] {
  const policy = query.get("pullpolicy");
  if (isLibpod && policy)
    return [`--pull=${policy.replace(/^Pull/, "").replace("IfMissing", "missing").replace("IfNewer", "newer").toLowerCase()}`];
  return bool(query.get("pull"), "pull").includes("--pull=true") ? ["--pull=always"] : [];
}

/** Docker's builds have the host's network unless they ask for another. */
function network(query: URLSearchParams, isLibpod: boolean): string[] {
  const mode = query.get("networkmode") ?? "";
  if (isLibpod) {
    const options = query.get("nsoptions");
    const wanted = options ? json("nsoptions", options) : [];
    const hosts =
      Array.isArray(wanted) && wanted.some((one: { Name?: string; Host?: boolean }) => one.Name === "network" && one.Host === true);
    return mode === "1" || mode === "NetworkDisabled" ? ["--network=none"] : hosts ? ["--network=host"] : [];
  }
  return [`--network=${mode === "" || mode === "default" ? "host" : mode}`];
}
