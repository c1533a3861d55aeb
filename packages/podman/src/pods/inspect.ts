import type { ContainerConfig } from "../containers/config.ts";
import { compact, listOrNull, orNull } from "../containers/inspect/compact.ts";
import { mountsSection } from "../containers/inspect/mounts-section.ts";
import { portBindings } from "../containers/inspect/network-settings.ts";
import type { Engine } from "../engine/engine.ts";
import { countedStatuses } from "./init-containers.ts";
import { podMembers } from "./members.ts";
import type { PodRecord } from "./pod-record.ts";
import { podStatus } from "./status.ts";

/** What `podman pod inspect` prints of a pod: the original's keys in the original's order. */
export async function inspectPod(engine: Engine, pod: PodRecord): Promise<Readonly<Record<string, unknown>>> {
  const members = await podMembers(engine, pod);
  const infra = pod.infraId === "" ? undefined : engine.state.containers.get(pod.infraId)?.config;
  const mounts = infra === undefined ? [] : mountsSection(engine, infra);
  const sorted = [...members].sort((one, other) => (one.id < other.id ? -1 : 1));
  return compact({
    Id: pod.id,
    Name: pod.name,
    Created: pod.createdAt,
    CreateCommand: unlessEmpty(pod.createCommand),
    ExitPolicy: pod.exitPolicy,
    State: podStatus(countedStatuses(engine, members)),
    Hostname: pod.hostname,
    Labels: Object.keys(pod.labels).length === 0 ? undefined : pod.labels,
    CreateCgroup: pod.shareParent,
    CgroupParent: pod.cgroupParent,
    CgroupPath: pod.cgroupPath,
    CreateInfra: infra !== undefined,
    InfraContainerID: infra?.id,
    InfraConfig: infra === undefined ? undefined : infraSection(infra, pod),
    SharedNamespaces: unlessEmpty(pod.shared),
    NumContainers: members.length,
    Containers: unlessEmpty(sorted.map(({ id, name, shownStatus }) => ({ Id: id, Name: name, State: shownStatus }))),
    ...limitKeys(pod),
    mounts: unlessEmpty(mounts),
    RestartPolicy: pod.restart?.name,
    LockNumber: 0,
  });
}

function processorKeys({ limits = {} }: PodRecord): Record<string, unknown> {
  const { cpus, cpusetCpus } = limits;
  return {
    cpu_period: cpus ? 100_000 : undefined,
    cpu_quota: cpus ? Math.round(cpus * 100_000) : undefined,
    cpuset_cpus: cpusetCpus || undefined,
  };
}

function limitKeys(pod: PodRecord): Record<string, unknown> {
  const {
    cpuShares,
    cpusetMems,
    memory,
    memorySwap,
    blkioWeight,
    blkioWeightDevices = [],
    deviceReadBps = [],
    deviceWriteBps = [],
  } = pod.limits ?? {};
  return {
    ...processorKeys(pod),
    cpu_shares: cpuShares || undefined,
    cpuset_mems: cpusetMems || undefined,
    memory_limit: memory || undefined,
    // Without a limit (-1) there is nothing to show.
    memory_swap: memorySwap === -1 ? undefined : memorySwap || (memory ? memory * 2 : undefined),
    blkio_weight: blkioWeight || undefined,
    blkio_weight_device: unlessEmpty(blkioWeightDevices.map(({ path, weight }) => ({ Path: path, Weight: weight }))),
    device_read_bps: unlessEmpty(deviceReadBps.map(throttle)),
    device_write_bps: unlessEmpty(deviceWriteBps.map(throttle)),
  };
}

function throttle({ path, rate }: { readonly path: string; readonly rate: number }): object {
  return { Path: path, Rate: rate };
}

function infraSection(infra: ContainerConfig, pod: PodRecord): Record<string, unknown> {
  const { network, namespaces } = infra;
  return compact({
    PortBindings: portBindings(network.ports, []),
    HostNetwork: network.mode.kind === "host",
    StaticIP: "",
    StaticMAC: "",
    NoManageResolvConf: network.dns.includes("none"),
    DNSServer: listOrNull(network.dns),
    DNSSearch: listOrNull(network.dnsSearch),
    DNSOption: listOrNull(network.dnsOptions),
    NoManageHostname: network.noHostname,
    NoManageHosts: network.noHosts,
    HostAdd: listOrNull(network.addHosts),
    HostsFile: network.hostsFile,
    Networks: listOrNull(Object.keys(network.networks)),
    NetworkOptions: network.modeOptions.length === 0 ? null : orNull({ [network.mode.kind]: network.modeOptions }),
    ...processorKeys(pod),
    pid_ns: namespaces.pid.kind,
    userns: namespaces.user === "" ? "host" : namespaces.user,
    uts_ns: namespaces.uts.kind,
  });
}

function unlessEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}
