import { sbomPreset } from "@containers/buildah/index";
import { parseSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Query, QueryValue } from "../service.ts";
import type { RemoteBuild } from "./build.ts";

type Flags = Readonly<Record<string, unknown>>;
type Translate = (value: unknown, flags: Flags) => Query;

const asIs =
  (key: string): Translate =>
  (value) => ({ [key]: value as QueryValue });
const asNumber =
  (key: string): Translate =>
  (value) => ({ [key]: value === true ? 1 : value === false ? 0 : (value as QueryValue) });
const asJson =
  (key: string): Translate =>
  (value) => ({ [key]: JSON.stringify(value) });
const asMap =
  (key: string): Translate =>
  (value) => ({ [key]: JSON.stringify(Object.fromEntries(list(value).map((entry) => pair(entry)))) });
const nothing: Translate = () => ({});

const asSwitch =
  (key: string): Translate =>
  (value) =>
    value === true ? { [key]: 1 } : {};
const asBytes =
  (key: string): Translate =>
  (value) => ({ [key]: parseSize(String(value)) });
/** A namespace as the service's `nsoptions` have it; they are gathered from several flags. */
const namespace =
  (name: string): Translate =>
  (value) => ({ nsoptions: JSON.stringify([namespaceOption(name, String(value))]) });

/** What each flag becomes in the query. Those that are not here cannot be asked of a service. */
const TRANSLATIONS: Readonly<Record<string, Translate>> = {
  "add-host": asJson("extrahosts"),
  "all-platforms": asSwitch("allplatforms"),
  annotation: asJson("annotations"),
  authfile: nothing,
  "build-arg": asMap("buildargs"),
  // Goes with the body.
  "build-context": nothing,
  "cache-from": asJson("cachefrom"),
  "cache-to": asJson("cacheto"),
  "cache-ttl": asIs("cachettl"),
  "cap-add": asJson("addcaps"),
  "cap-drop": asJson("dropcaps"),
  "cert-dir": nothing,
  "cgroup-parent": asIs("cgroupparent"),
  cgroupns: namespace("cgroup"),
  "compat-volumes": asNumber("compatvolumes"),
  "cpp-flag": asJson("cppflags"),
  "cpu-period": asIs("cpuperiod"),
  "cpu-quota": asIs("cpuquota"),
  "cpu-shares": asIs("cpushares"),
  "cpuset-cpus": asIs("cpusetcpus"),
  "cpuset-mems": asIs("cpusetmems"),
  "created-annotation": asNumber("createdannotation"),
  creds: nothing,
  device: asJson("devices"),
  "disable-compression": nothing,
  dns: asJson("dnsservers"),
  "dns-option": asJson("dnsoptions"),
  "dns-search": asJson("dnssearch"),
  env: asIs("setenv"),
  file: nothing,
  "force-rm": asNumber("forcerm"),
  format: (value) => ({ outputformat: value === "docker" ? "application/vnd.docker.distribution.manifest.v2+json" : OCI }),
  from: asIs("from"),
  "group-add": asIs("groupadd"),
  "http-proxy": asNumber("httpproxy"),
  "identity-label": asNumber("identitylabel"),
  ignorefile: nothing,
  iidfile: nothing,
  "inherit-annotations": asNumber("inheritannotations"),
  "inherit-labels": asNumber("inheritlabels"),
  ipc: namespace("ipc"),
  isolation: (value) => ({ isolation: Math.max(0, ISOLATIONS.indexOf(String(value))) }),
  jobs: asIs("jobs"),
  label: asJson("labels"),
  "layer-label": asIs("layerLabel"),
  layers: asNumber("layers"),
  manifest: asIs("manifest"),
  memory: asIs("memory"),
  "memory-swap": asIs("memswap"),
  network: (value) => ({ networkmode: value === "none" ? 1 : 2, ...(value === "host" ? { nsoptions: HOST_NETWORK } : {}) }),
  "no-cache": asNumber("nocache"),
  "no-hosts": asNumber("nohosts"),
  "omit-history": asNumber("omithistory"),
  "os-feature": asIs("osfeature"),
  "os-version": asIs("osversion"),
  pid: namespace("pid"),
  platform: asIs("platform"),
  pull: (value) => ({ pullpolicy: pullPolicy(value) }),
  // The client leaves the output out, and so need not know who tells the id without it.
  quiet: nothing,
  retry: asIs("retry"),
  "retry-delay": asIs("retry-delay"),
  "rewrite-timestamp": asNumber("rewritetimestamp"),
  rm: asNumber("rm"),
  sbom: (value) => {
    const { image, commands, mergeStrategy } = sbomPreset(String(value));
    return {
      "sbom-scanner-image": image,
      "sbom-scanner-command": JSON.stringify(commands),
      "sbom-merge-strategy": mergeStrategy,
    };
  },
  "sbom-image-output": asIs("sbom-image-output"),
  "sbom-image-purl-output": asIs("sbom-image-purl-output"),
  "sbom-merge-strategy": asIs("sbom-merge-strategy"),
  "sbom-output": asIs("sbom-output"),
  "sbom-purl-output": asIs("sbom-purl-output"),
  "sbom-scanner-command": asJson("sbom-scanner-command"),
  "sbom-scanner-image": asIs("sbom-scanner-image"),
  // Goes with the body.
  secret: nothing,
  "security-opt": (value) => securityOptions(list(value)),
  "shm-size": asBytes("shmsize"),
  "skip-unused-stages": asNumber("skipunusedstages"),
  "source-date-epoch": asIs("sourcedateepoch"),
  squash: asNumber("squash"),
  tag: asIs("t"),
  target: asIs("target"),
  timestamp: asIs("timestamp"),
  "tls-verify": asIs("tlsVerify"),
  ulimit: asJson("ulimits"),
  unsetannotation: asIs("unsetannotation"),
  unsetenv: asIs("unsetenv"),
  unsetlabel: asIs("unsetlabel"),
  uts: namespace("uts"),
  volume: asIs("volume"),
};

const OCI = "application/vnd.oci.image.manifest.v1+json";
const HOST_NETWORK = JSON.stringify([{ Name: "network", Host: true, Path: "" }]);
/** The numbers that isolations have between client and service. */
const ISOLATIONS = ["default", "oci", "chroot", "rootless"];

function namespaceOption(name: string, value: string): object {
  const path = value.replace(/^ns:/, "");
  return { Name: name, Host: value === "host", Path: ["host", "private", "container", ""].includes(value) ? "" : path };
}

/** Each kind has a parameter of its own. */
function securityOptions(options: readonly string[]): Query {
  const of = (kind: string): readonly string[] =>
    options.flatMap((option) => (option.startsWith(`${kind}=`) ? [option.slice(kind.length + 1)] : []));
  const labels = of("label");
  return {
    ...(labels.length === 0 ? {} : { labelopts: JSON.stringify(labels) }),
    seccomp: of("seccomp").at(-1),
    apparmor: of("apparmor").at(-1),
  };
}

/** Refuses what the query has no word for. */
export function refuseOthers({ names, given }: RemoteBuild): void {
  const other = names.find((name) => given(name) && TRANSLATIONS[name] === undefined);
  if (other !== undefined) throw new ToolError("unsupported", `--${other} is not supported with the remote podman client`);
}

export function buildQuery({ flags, given, names }: RemoteBuild): Query {
  let query: Query = { layers: 1, forcerm: 1, rm: 1, outputformat: OCI, pullpolicy: "missing", networkmode: 0 };
  for (const name of names) {
    const value = flags[name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())];
    if (!given(name)) continue;
    const said = TRANSLATIONS[name]?.(value, flags) ?? {};
    query = { ...query, ...said, ...mergedNamespaces(query, said) };
  }
  return query;
}

/** Flags for several namespaces add to one list. */
function mergedNamespaces({ nsoptions: before }: Query, { nsoptions: now }: Query): Query {
  if (typeof before !== "string" || typeof now !== "string") return {};
  return { nsoptions: JSON.stringify([...(JSON.parse(before) as unknown[]), ...(JSON.parse(now) as unknown[])]) };
}

function pullPolicy(value: unknown): string {
  const policy = String(value);
  return policy === "true" || policy === "ifmissing" ? "missing" : policy === "false" ? "never" : policy;
}

function pair(entry: string): [string, string] {
  const equals = entry.indexOf("=");
  if (equals !== -1) return [entry.slice(0, equals), entry.slice(equals + 1)];
  return [entry, process.env[entry] ?? ""];
}

export function list(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
