import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Engine } from "../../../engine/engine.ts";
import { systemInfo } from "../../../system/info.ts";
import { machineArchitecture } from "../../../system/version.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";

type SystemInfo = Awaited<ReturnType<typeof systemInfo>>;

/** `GET /info`: Docker's view of the host and the engine. */
export const info: Handler = async ({ engine }) => {
  const known = await systemInfo(engine);
  const { host, store, plugins } = known;
  const proxy = (name: string): string => process.env[name.toUpperCase()] ?? process.env[name] ?? "";
  return json(200, {
    ID: crypto.randomUUID(),
    Containers: store.containerStore.number,
    ContainersRunning: store.containerStore.running,
    ContainersPaused: store.containerStore.paused,
    ContainersStopped: engine.state.containers.list().filter(({ status }) => status === "exited" || status === "stopped").length,
    Images: store.imageStore.number,
    Driver: store.graphDriverName,
    DriverStatus: Object.entries(store.graphStatus),
    Plugins: { Volume: plugins.volume, Network: plugins.network, Authorization: null, Log: plugins.log },
    ...cgroupFacts(host),
    IPv4Forwarding: isOn("/proc/sys/net/ipv4/ip_forward"),
    Debug: engine.globals.logLevel === "debug" || engine.globals.logLevel === "trace",
    NFd: readdirSync("/proc/self/fd").length,
    NGoroutines: readdirSync("/proc/self/task").length,
    SystemTime: new Date().toISOString(),
    LoggingDriver: "",
    CgroupDriver: engine.cgroupManager,
    NEventsListener: 0,
    KernelVersion: host.kernel,
    OperatingSystem: host.distribution.distribution,
    OSVersion: host.distribution.version,
    OSType: "linux",
    Architecture: machineArchitecture(),
    IndexServerAddress: "",
    RegistryConfig: await registryConfig(),
    NCPU: host.cpus,
    MemTotal: host.memTotal,
    GenericResources: null,
    DockerRootDir: store.graphRoot,
    HttpProxy: proxy("http_proxy"),
    HttpsProxy: proxy("https_proxy"),
    NoProxy: proxy("no_proxy"),
    Name: host.hostname,
    Labels: null,
    ExperimentalBuild: true,
    ServerVersion: known.version.Version,
    Runtimes: runtimes(engine),
    DefaultRuntime: host.ociRuntime.name,
    Swarm: { NodeID: "", NodeAddr: "", LocalNodeState: "inactive", ControlAvailable: false, Error: "", RemoteManagers: null },
    LiveRestoreEnabled: false,
    Isolation: "",
    InitBinary: "",
    ContainerdCommit: { ID: "" },
    RuncCommit: { ID: "" },
    InitCommit: { ID: "" },
    SecurityOptions: ["name=seccomp,profile=default", ...(engine.rootless ? ["name=rootless"] : [])],
    ProductLicense: "Apache-2.0",
    DefaultAddressPools: engine.config.network.defaultSubnetPools.map(({ base, size }) => ({ Base: base, Size: size })),
    CDISpecDirs: null,
    Warnings: [],
    BuildahVersion: host.buildahVersion,
    CgroupVersion: host.cgroupVersion.replace(/^v/, ""),
    Rootless: engine.rootless,
    SwapFree: host.swapFree,
    SwapTotal: host.swapTotal,
    Uptime: host.uptime,
  });
};

/** What of a container's resources this host can limit. */
function cgroupFacts({ cgroupControllers, cgroupVersion }: SystemInfo["host"]): Record<string, boolean> {
  const has = (name: string): boolean => cgroupControllers.includes(name);
  const [isFirst, realtime] = [cgroupVersion === "v1", existsSync("/sys/fs/cgroup/cpu/cpu.rt_period_us")];
  return {
    MemoryLimit: has("memory"),
    SwapLimit: has("memory"),
    CpuCfsPeriod: has("cpu"),
    CpuCfsQuota: has("cpu"),
    CPUShares: has("cpu"),
    CPUSet: has("cpuset"),
    PidsLimit: has("pids"),
    OomKillDisable: isFirst && has("memory"),
    CPURealtimePeriod: isFirst && realtime,
    CPURealtimeRuntime: isFirst && realtime,
  };
}

function isOn(path: string): boolean {
  try {
    return readFileSync(path, "utf8").trim() !== "0";
  } catch {
    return false;
  }
}

function runtimes({ config }: Engine): Record<string, { path: string }> {
  return Object.fromEntries(Object.entries(config.engine.runtimes).map(([name, paths]) => [name, { path: paths[0] ?? "" }]));
}

async function registryConfig(): Promise<Record<string, unknown>> {
  const { loadRegistriesConf } = await import("@containers/image/registries-conf/load");
  const IndexConfigs = Object.fromEntries(
    loadRegistriesConf().registries.map((registry) => [
      registry.prefix,
      { Name: registry.prefix, Mirrors: registry.mirrors.map(({ location }) => location), Secure: !registry.insecure, Official: false },
    ]),
  );
  return { IndexConfigs, InsecureRegistryCIDRs: [], Mirrors: [] };
}
