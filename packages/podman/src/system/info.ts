import { existsSync, readFileSync, statfsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { controllersOfV1, delegatedControllers, hierarchyControllers, readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { findHelper } from "@containers/common/network/helper-program";
import { findExecutable } from "@containers/common/process/find-executable";
import type { RegistryEntry, RegistryMirror } from "@containers/image/registries-conf/types";
import type { Engine } from "../engine/engine.ts";
import { emulatedPlatforms } from "./emulated-platforms.ts";
import { graphOptions } from "./graph-options.ts";
import { cpuUtilization, distribution, hostNames, memoryFacts, uptimeText } from "./host-facts.ts";
import { lookUpPackages, type PackageLookup, programVersion } from "./package-of.ts";
import { BUILDAH_VERSION, machineArchitecture, versionInfo } from "./version.ts";

/** Everything that `podman info` prints, with the original's keys in the original's order. */
export async function systemInfo(engine: Engine) {
  return {
    host: hostInfo(engine),
    store: storeInfo(engine),
    registries: await registriesInfo(engine),
    plugins: {
      volume: ["local", ...Object.keys(engine.config.engine.volumePlugins).sort()],
      network: ["bridge", "macvlan", "ipvlan"],
      log: ["k8s-file", "none", "passthrough", "journald"],
      authorization: null,
    },
    version: versionInfo(),
  };
}

/** Those that this user may set limits with: of v1 only root. */
function controllers(rootless: boolean, version: 1 | 2): readonly string[] {
  if (rootless) return version === 1 ? [] : delegatedControllers();
  return version === 1 ? controllersOfV1() : hierarchyControllers();
}

function hostInfo(engine: Engine) {
  const emulated = emulatedPlatforms();
  const layout = readCgroupLayout();
  const { hostname, kernel } = hostNames();
  const { memFree, memTotal, swapFree, swapTotal } = memoryFacts();
  const socket = engine.rootless ? `${process.env.XDG_RUNTIME_DIR ?? "/run"}/podman/podman.sock` : "/run/podman/podman.sock";
  const { conmon, ociRuntime, networkBackendInfo, slirp4netns, pasta } = programs(engine);
  return {
    arch: machineArchitecture(),
    buildahVersion: BUILDAH_VERSION,
    cgroupManager: engine.cgroupManager,
    cgroupVersion: layout.version === 2 ? "v2" : "v1",
    cgroupControllers: controllers(engine.rootless, layout.version),
    conmon,
    cpus: availableParallelism(),
    cpuUtilization: cpuUtilization(),
    databaseBackend: "sqlite",
    distribution: distribution(),
    eventLogger: engine.events.backend,
    freeLocks: freeLocks(engine),
    hostname,
    idMappings: { gidmap: idMap("gid_map", engine.rootless), uidmap: idMap("uid_map", engine.rootless) },
    kernel,
    logDriver: engine.defaults.logDriver,
    memFree,
    memTotal,
    networkBackend: "netavark",
    networkBackendInfo,
    ociRuntime,
    os: "linux",
    remoteSocket: { path: socket, exists: existsSync(socket) },
    rootlessNetworkCmd: engine.config.network.defaultRootlessNetworkCmd,
    serviceIsRemote: false,
    security: securityInfo(engine),
    slirp4netns,
    pasta,
    swapFree,
    swapTotal,
    uptime: uptimeText(),
    variant: "",
    linkmode: "dynamic",
    ...(emulated.length === 0 ? {} : { emulatedArchitectures: emulated }),
  };
}

/** As many things as the original has locks for, less those that have one. */
function freeLocks({ config, state }: Engine): number {
  return Math.max(0, config.engine.numLocks - state.containers.list().length - state.pods.list().length - state.volumes.list().length);
}

function securityInfo(engine: Engine): Record<string, unknown> {
  const { defaultCapabilities, seccompProfile } = engine.config.containers;
  const profile = seccompProfile !== "" ? seccompProfile : "/usr/share/containers/seccomp.json";
  return {
    apparmorEnabled: !engine.rootless && isOn("/sys/module/apparmor/parameters/enabled"),
    capabilities: defaultCapabilities.map((name) => (name.startsWith("CAP_") ? name : `CAP_${name}`)).join(","),
    rootless: engine.rootless,
    seccompEnabled: true,
    seccompProfilePath: existsSync(profile) ? profile : "default",
    selinuxEnabled: false,
  };
}

function isOn(parameter: string): boolean {
  try {
    return readFileSync(parameter, "utf8").startsWith("Y");
  } catch {
    return false;
  }
}

function idMap(file: string, rootless: boolean): unknown {
  if (!rootless) return null;
  const text = readFileSync(`/proc/self/${file}`, "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [containerId, hostId, size] = line.trim().split(/\s+/).map(Number);
      return { container_id: containerId, host_id: hostId, size };
    });
}

/** The programs that podman stands on, with their packages and versions. */
function programs(engine: Engine) {
  const conmon = attempt(() => engine.conmon().path);
  const runtime = attempt(() => engine.runtime());
  const netavark = findHelper("netavark", engine.helperDirs);
  const aardvark = findHelper("aardvark-dns", engine.helperDirs);
  const slirp4netns = findExecutable("slirp4netns");
  const pasta = findExecutable("pasta");
  const paths = [conmon, runtime?.path, netavark, aardvark, slirp4netns, pasta].filter((path) => path !== undefined);
  const packageOf = lookUpPackages(paths);
  const conmonVersion = conmon === undefined ? "" : programVersion(conmon).replaceAll("\n", ", ");
  return {
    conmon: { package: conmon === undefined ? "Unknown" : packageOf(conmon), path: conmon ?? "", version: conmonVersion },
    ociRuntime:
      runtime === undefined
        ? { name: "", package: "Unknown", path: "", version: "" }
        : { name: runtime.name, package: packageOf(runtime.path), path: runtime.path, version: programVersion(runtime.path) },
    networkBackendInfo: {
      backend: "netavark",
      ...helperVersion(netavark, packageOf),
      dns: helperVersion(aardvark, packageOf),
      defaultNetwork: engine.config.network.defaultNetwork,
    },
    slirp4netns: helperInfo(slirp4netns, packageOf),
    pasta: helperInfo(pasta, packageOf),
  };
}

/** Undefined for a program that is missing: what is there is told all the same. */
function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function helperVersion(path: string | undefined, packageOf: PackageLookup): Record<string, string> {
  if (path === undefined) return {};
  return { version: programVersion(path).split("\n")[0] ?? "", package: packageOf(path), path };
}

function helperInfo(executable: string | undefined, packageOf: PackageLookup): Record<string, string> {
  if (executable === undefined) return { executable: "", package: "", version: "" };
  return { executable, package: packageOf(executable), version: programVersion(executable) };
}

function storeInfo(engine: Engine) {
  const { paths, store } = engine;
  const all = engine.state.containers.list().filter(({ status }) => status !== "creating");
  const count = (...statuses: string[]): number => all.filter(({ status }) => statuses.includes(status)).length;
  const disk = statfsSync(store.graphRoot);
  const [running, paused] = [count("running", "stopping"), count("paused")];
  return {
    containerStore: { number: all.length, paused, running, stopped: all.length - running - paused },
    graphDriverName: store.driverName,
    graphOptions: graphOptions(store.driverOptions),
    graphRoot: store.graphRoot,
    graphRootAllocated: disk.blocks * disk.bsize,
    graphRootUsed: (disk.blocks - disk.bfree) * disk.bsize,
    graphStatus: store.driverStatus(),
    imageCopyTmpDir: process.env.TMPDIR ?? engine.config.engine.imageCopyTmpDir,
    imageStore: { number: store.images.list().length },
    runRoot: store.runRoot,
    volumePath: paths.volumesDir,
    transientStore: engine.store.transientStore,
  };
}

async function registriesInfo(engine: Engine): Promise<Record<string, unknown>> {
  const { loadRegistriesConf } = await import("@containers/image/registries-conf/load");
  const conf = loadRegistriesConf(engine.images.registry);
  const search = conf.unqualifiedSearchRegistries;
  return {
    ...Object.fromEntries(conf.registries.map((entry) => [entry.prefix, registryEntry(entry)])),
    ...(search.length === 0 ? {} : { search }),
  };
}

function registryEntry({ prefix, location, insecure, mirrors, blocked, mirrorByDigestOnly }: RegistryEntry): object {
  return {
    Prefix: prefix,
    Location: location,
    Insecure: insecure,
    PullFromMirror: "",
    Mirrors: mirrors.length === 0 ? null : mirrors.map(mirrorEntry),
    Blocked: blocked,
    MirrorByDigestOnly: mirrorByDigestOnly,
  };
}

/** What a mirror serves is told only when it was said. */
function mirrorEntry({ location, insecure, pullFromMirror }: RegistryMirror): object {
  return { Location: location, Insecure: insecure, PullFromMirror: pullFromMirror === "all" ? "" : pullFromMirror };
}
