/** Parameters of a build whose value is the flag's. 0 and empty text mean the default. */
export const TEXTS: Readonly<Record<string, string>> = {
  target: "target",
  from: "from",
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
  jobs: "jobs",
  osversion: "os-version",
  "sbom-output": "sbom-output",
  "sbom-purl-output": "sbom-purl-output",
  "sbom-image-output": "sbom-image-output",
  "sbom-image-purl-output": "sbom-image-purl-output",
  "sbom-scanner-image": "sbom-scanner-image",
  "sbom-merge-strategy": "sbom-merge-strategy",
};

/** Those that are true or false. */
export const BOOLS: Readonly<Record<string, string>> = {
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

/** Those of which only the truth says something. */
export const SWITCHES: Readonly<Record<string, string>> = {
  allplatforms: "all-platforms",
  compatvolumes: "compat-volumes",
  rusage: "log-rusage",
};

/** Lists, as JSON or repeated. */
export const LISTS: Readonly<Record<string, string>> = {
  addcaps: "cap-add",
  dropcaps: "cap-drop",
  devices: "device",
  dnsservers: "dns",
  dnsoptions: "dns-option",
  dnssearch: "dns-search",
  extrahosts: "add-host",
  annotations: "annotation",
  securityopt: "security-opt",
  setenv: "env",
  unsetenv: "unsetenv",
  unsetlabel: "unsetlabel",
  unsetannotation: "unsetannotation",
  layerLabel: "layer-label",
  volume: "volume",
  groupadd: "group-add",
  cppflags: "cpp-flag",
  cachefrom: "cache-from",
  cacheto: "cache-to",
  osfeature: "os-feature",
  "sbom-scanner-command": "sbom-scanner-command",
};

/** Namespaces in `nsoptions`, by the flag that asks for them. */
export const NAMESPACES: Readonly<Record<string, string>> = {
  network: "network",
  pid: "pid",
  ipc: "ipc",
  uts: "uts",
  cgroup: "cgroupns",
  user: "userns",
};

/** By their numbers, which the original's client sends. */
export const ISOLATIONS: readonly string[] = ["", "oci", "chroot", "rootless"];

/** What builds here have no word for: refused where it asks for something. */
export const REFUSED: readonly string[] = ["ignore", "save-stages", "stage-labels", "sourcePolicy", "transientRunMounts"];
