import { ToolError } from "@containers/common/errors/tool-error";
import { parseDevice } from "@containers/common/mount-syntax/parse-device";
import type { NetworkSpec } from "../../container-spec/network-spec.ts";
import type { ResourceSpec } from "../../container-spec/resource-spec.ts";
import { securityOfOptions } from "../../container-spec/security-options.ts";
import { POD_NAMESPACES, type PodNamespace } from "../../pods/pod-record.ts";
import { DEFAULT_SHARE, type InfraSpec, type PodSpec } from "../../pods/pod-spec.ts";
import { HttpError } from "../errors-to-http.ts";
import { dictionary, flag, list, natural, struct, text, whole } from "./go-object.ts";
import { given, readRestart } from "./spec-generator.ts";
import {
  idMappings,
  imageVolume,
  linuxResources,
  mount,
  namedVolume,
  namespace,
  overlayVolume,
  perNetwork,
  portMapping,
} from "./spec-generator-shape.ts";
import { readNamespace, readUserNamespace } from "./spec-namespaces.ts";
import { readAttachments, readNetworkMode, readPorts } from "./spec-network.ts";
import { readLimits, withoutSwapLimit } from "./spec-resources.ts";
import { readVolumes } from "./spec-storage.ts";

const words = list(text);

/** The body of `POST /libpod/pods/create`: the keys of the original's PodSpecGenerator. */
export const podSpecGenerator = struct("specgen.PodSpecGenerator", {
  name: text,
  hostname: text,
  exit_policy: text,
  labels: dictionary(text),
  no_infra: flag,
  infra_conmon_pid_file: text,
  infra_command: words,
  infra_image: text,
  infra_name: text,
  ipcns: namespace,
  shared_namespaces: words,
  restart_policy: text,
  restart_tries: natural,
  share_parent: flag,
  pod_create_command: words,
  pidns: namespace,
  userns: namespace,
  utsns: namespace,
  pod_devices: words,
  sysctl: dictionary(text),
  netns: namespace,
  portmappings: list(portMapping),
  Networks: dictionary(perNetwork),
  cni_networks: words,
  no_manage_resolv_conf: flag,
  dns_server: words,
  dns_search: words,
  dns_option: words,
  no_manage_hostname: flag,
  no_manage_hosts: flag,
  hostadd: words,
  hostsFile: text,
  network_options: dictionary(words),
  mounts: list(mount),
  volumes: list(namedVolume),
  overlay_volumes: list(overlayVolume),
  image_volumes: list(imageVolume),
  volumes_from: words,
  shm_size: whole,
  shm_size_systemd: whole,
  cgroup_parent: text,
  resource_limits: linuxResources,
  security_opt: words,
  idmappings: idMappings,
  serviceContainerID: text,
});

export type PodSpecGenerator = ReturnType<typeof podSpecGenerator>;

/**
 * What the body of `POST /libpod/pods/create` asks for.
 *
 * @throws invalid-argument for contradictions, unsupported for what cannot be done, naming the key
 */
export function podSpecFromWire(wire: PodSpecGenerator): PodSpec {
  if (wire.no_infra === true) checkWithoutInfra(wire);
  const exitPolicy = given(wire.exit_policy) ?? "continue";
  if (exitPolicy !== "continue" && exitPolicy !== "stop")
    throw plain(`invalid pod exit policy: ${JSON.stringify(exitPolicy)}`, "running pod create option: ");
  const limits = podLimits(wire);
  return {
    name: given(wire.name?.replace(/^\//, "")),
    labels: wire.labels ?? {},
    hostname: given(wire.hostname),
    createCommand: wire.pod_create_command ?? [],
    exitPolicy,
    restart: readRestart(wire, "running pod create option"),
    shareParent: wire.share_parent ?? true,
    cgroupParent: given(wire.cgroup_parent),
    ...(limits === undefined ? {} : { limits }),
    ...(wire.no_infra === true ? {} : { infra: readInfra(wire) }),
  };
}

/** Undefined when nothing is limited. */
function podLimits({ resource_limits: resources }: PodSpecGenerator): ResourceSpec | undefined {
  if (resources === undefined) return undefined;
  const { cpuShares, cpuPeriod, cpuQuota, cpusetCpus, cpusetMems, memory, memorySwap } = withoutSwapLimit(readLimits(resources));
  const cpus = cpuQuota === undefined || cpuQuota < 0 ? undefined : cpuQuota / (cpuPeriod ?? 100_000);
  const limits: ResourceSpec = { cpuShares, cpus, cpusetCpus, cpusetMems, memory, memorySwap };
  return Object.values(limits).every((value) => value === undefined) ? undefined : limits;
}

function readInfra(wire: PodSpecGenerator): InfraSpec {
  const network = readPodNetwork(wire);
  const user = readUserNamespace(wire.userns, wire.idmappings);
  return {
    name: given(wire.infra_name),
    image: given(wire.infra_image),
    command: wire.infra_command !== undefined && wire.infra_command.length > 0 ? wire.infra_command : undefined,
    conmonPidfile: given(wire.infra_conmon_pid_file),
    share: readShare(wire.shared_namespaces),
    network,
    pid: readNamespace(wire.pidns),
    uts: readNamespace(wire.utsns),
    user,
    volumes: readVolumes(wire),
    volumesFrom: wire.volumes_from ?? [],
    devices: (wire.pod_devices ?? []).map(parseDevice),
    shmSize: wire.shm_size,
    ...(wire.shm_size_systemd ? { shmSizeSystemd: wire.shm_size_systemd } : {}),
    ...(wire.security_opt === undefined ? {} : { security: securityOfOptions(wire.security_opt) }),
    sysctls: wire.sysctl ?? {},
  };
}

function readPodNetwork(wire: PodSpecGenerator): NetworkSpec {
  const mode = readNetworkMode(wire.netns);
  const networks = readAttachments(wire.Networks, wire.cni_networks);
  if (mode?.kind === "container") throw invalid("pods presently do not support network mode container");
  const publishes = (wire.portmappings ?? []).length > 0;
  if (publishes && mode !== undefined && ["host", "none", "path"].includes(mode.kind))
    throw invalid("PortMappings can only be used with Bridge, slirp4netns, or pasta networking");
  return {
    ...(mode === undefined ? {} : { mode }),
    ...(Object.keys(networks).length === 0 ? {} : { networks }),
    modeOptions: mode === undefined ? [] : (wire.network_options?.[mode.kind] ?? []),
    ports: readPorts(wire.portmappings),
    dns: wire.no_manage_resolv_conf === true ? ["none"] : wire.dns_server,
    dnsSearch: wire.dns_search,
    dnsOptions: wire.dns_option,
    addHosts: wire.hostadd,
    noHosts: wire.no_manage_hosts,
    noHostname: wire.no_manage_hostname,
    hostsFile: given(wire.hostsFile),
  };
}

/** A user namespace is shared when the pod has one of its own. */
function readShare(names: readonly string[] | undefined): PodNamespace[] {
  const asked = (names ?? []).filter((name) => name !== "" && name !== "none");
  if (names === undefined || names.length === 0) return [...DEFAULT_SHARE];
  return asked
    .map((name) => {
      const known = POD_NAMESPACES.find((one) => one === name);
      if (known === undefined) throw plain(`invalid kernel namespace to share: ${name}. Options are: cgroup, ipc, net, pid, uts or none`);
      return known;
    })
    .filter((name) => name !== "user");
}

/** What only an infra container could give. */
function checkWithoutInfra(wire: PodSpecGenerator): void {
  const exclusive = [
    ["infra_command", "InfraCommand"],
    ["infra_image", "InfraImage"],
    ["infra_name", "InfraName"],
    ["shared_namespaces", "SharedNamespaces"],
    ["dns_option", "DNSOption"],
    ["dns_search", "DNSSearch"],
    ["dns_server", "DNSServer"],
    ["hostadd", "HostAdd"],
    ["hostsFile", "HostsFile"],
  ] as const;
  for (const [key, name] of exclusive) {
    if ((wire[key] ?? "").length > 0) throw invalid(`NoInfra and ${name} are mutually exclusive pod options: invalid pod spec`);
  }
  if (!["", "default"].includes(wire.netns?.nsmode ?? "")) throw invalid("NoInfra and network modes cannot be used together");
  if (Object.keys(wire.Networks ?? {}).length > 0) throw invalid("cannot set networks options without infra container");
  if ((wire.portmappings ?? []).length > 0) throw invalid("you must have an infra container to publish port bindings to the host");
}

/** A message whose colons separate nothing. */
function plain(because: string, before = ""): HttpError {
  return new HttpError(500, `${before}${because}`, { because });
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
