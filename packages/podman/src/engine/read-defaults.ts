import { existsSync } from "node:fs";
import type { ContainersConf } from "@containers/common/config/containers-conf";
import { containersConfKeys } from "@containers/common/config/containers-conf-keys";
import { ToolError } from "@containers/common/errors/tool-error";
import { normalizeCapability } from "@containers/common/security/capabilities";
import type { ContainerDefaults } from "./defaults.ts";
import { usesJournald } from "./uses-journald.ts";

/** Without a file that says otherwise, monitors have the PATH that this program has. */
const builtInEnv: readonly string[] = containersConfKeys.engine.conmon_env_vars.default;
/** Where the init program may be when nothing says where. */
const INIT_PATHS = ["/usr/libexec/podman/catatonit", "/usr/local/libexec/podman/catatonit", "/usr/bin/catatonit"];
/** Lets containers ping without CAP_NET_RAW. */
const DEFAULT_SYSCTLS = ["net.ipv4.ping_group_range=0 0"];

/** containers.conf's values in the form in which containers are made from them. */
export function readDefaults(config: ContainersConf, rootless: boolean): ContainerDefaults {
  const { containers, engine, network } = config;
  return {
    capabilities: containers.defaultCapabilities.map(normalizeCapability),
    ulimits: containers.defaultUlimits.map(parseUlimit),
    sysctls: pairs(containers.defaultSysctls.length > 0 ? containers.defaultSysctls : DEFAULT_SYSCTLS),
    env: containers.env,
    mounts: containers.mounts,
    volumes: containers.volumes,
    devices: containers.devices,
    annotations: pairs(containers.annotations),
    pidsLimit: containers.pidsLimit,
    shmSize: parseSize(containers.shmSize),
    stopTimeout: engine.stopTimeout,
    umask: containers.umask,
    logDriver: containers.logDriver || (usesJournald() ? "journald" : "k8s-file"),
    logSizeMax: containers.logSizeMax,
    logTag: containers.logTag,
    logPath: containers.logPath,
    seccompProfile: containers.seccompProfile,
    apparmorProfile: containers.apparmorProfile,
    cgroupns: containers.cgroupns,
    cgroups: containers.cgroups,
    cgroupConf: pairs(containers.cgroupConf),
    containerNameAsHostname: containers.containerNameAsHostname,
    ipcns: containers.ipcns,
    pidns: containers.pidns,
    utsns: containers.utsns,
    netns: containers.netns,
    userns: containers.userns,
    init: containers.init,
    ...(containers.oomScoreAdj === undefined ? {} : { oomScoreAdj: containers.oomScoreAdj }),
    initPath: containers.initPath || engine.initPath || INIT_PATHS.find((path) => existsSync(path)) || "/usr/libexec/podman/catatonit",
    dnsServers: containers.dnsServers,
    dnsSearches: containers.dnsSearches,
    dnsOptions: containers.dnsOptions,
    baseHostsFile: containers.baseHostsFile,
    hostContainersInternalIp: containers.hostContainersInternalIp,
    timezone: containers.tz,
    httpProxy: containers.httpProxy,
    envHost: containers.envHost,
    privileged: containers.privileged,
    readOnly: containers.readOnly,
    noHosts: containers.noHosts,
    noHostname: false,
    prepareVolumeOnCreate: containers.prepareVolumeOnCreate,
    detachKeys: engine.detachKeys,
    exitCommandDelay: engine.exitCommandDelay,
    noPivotRoot: engine.noPivotRoot,
    defaultNetwork: network.defaultNetwork,
    rootlessNetwork: rootless && network.defaultRootlessNetworkCmd === "slirp4netns" ? "slirp4netns" : "pasta",
    conmonPaths: engine.conmonPath,
    conmonEnv: engine.conmonEnvVars.filter((entry) => !builtInEnv.includes(entry)),
    keyring: containers.keyring,
    imageVolumes: engine.imageVolumeMode,
  };
}

function pairs(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return at < 0 ? [entry, ""] : [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function parseUlimit(text: string): ContainerDefaults["ulimits"][number] {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/i.exec(text);
  if (match === null) throw new ToolError("invalid-argument", `containers.conf: ulimit "${text}" is not NAME=SOFT:HARD`);
  const soft = Number(match[2]);
  return { name: (match[1] ?? "").toLowerCase().replace(/^rlimit_/, ""), soft, hard: match[3] === undefined ? soft : Number(match[3]) };
}

/** `65536k` and the like, in powers of 1000: that is how the original reads this key. */
function parseSize(text: string): number {
  const match = /^(\d+)([kmgt]?)b?$/i.exec(text.trim());
  if (match === null) throw new ToolError("invalid-argument", `containers.conf: shm_size "${text}" is no size`);
  const factor = { "": 1, k: 1000, m: 1000 ** 2, g: 1000 ** 3, t: 1000 ** 4 }[(match[2] ?? "").toLowerCase()] ?? 1;
  return Number(match[1]) * factor;
}
