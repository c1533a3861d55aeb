import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "../container-spec/container-spec.ts";
import type { NamespaceMode, NamespaceSpec } from "../container-spec/namespace-spec.ts";
import type { NetworkSpec } from "../container-spec/network-spec.ts";
import type { SecuritySpec } from "../container-spec/security-spec.ts";
import type { VolumeSpec } from "../container-spec/volume-spec.ts";
import type { ContainerConfig, MountConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import type { PodNamespace, PodRecord } from "./pod-record.ts";
import { resolvePod } from "./resolve-pod.ts";

/**
 * Has a container made that joins a pod: `make` gets the spec in which what the pod shares comes from its infra container, unless the user
 * asked for something else. `new:NAME` makes the pod, which takes over what of the spec belongs to a network; it goes again when `make` fails.
 *
 * @throws invalid-argument when the container asks for what only the pod can have
 */
export async function createInPod<T>(engine: Engine, asked: ContainerSpec, make: (spec: ContainerSpec) => Promise<T>): Promise<T> {
  const reference = asked.pod ?? "";
  if (!reference.startsWith("new:")) return make(joinPod(engine, resolvePod(engine, reference), asked));
  const { createPodFor } = await import("./create-for-container.ts");
  const { pod, spec } = await createPodFor(engine, asked, reference.slice("new:".length));
  try {
    return await make(joinPod(engine, pod, spec));
  } catch (error) {
    const { removePods } = await import("./remove.ts");
    await removePods(engine, [pod], { force: true });
    throw error;
  }
}

/** The spec of a container as it is in the pod. */
export function joinPod(engine: Pick<Engine, "state">, pod: PodRecord, spec: ContainerSpec): ContainerSpec {
  const infra = pod.infraId === "" ? undefined : engine.state.containers.get(pod.infraId)?.config;
  const parent = pod.shareParent && pod.cgroupPath !== "" ? pod.cgroupPath : undefined;
  // What runs once before the others is not started again as they are.
  const restart = spec.restart ?? (spec.remove === true || spec.initContainer !== undefined ? undefined : pod.restart);
  const ofPod: ContainerSpec = {
    ...spec,
    pod: pod.id,
    restart,
    resources: { ...spec.resources, cgroupParent: spec.resources.cgroupParent ?? parent },
  };
  return infra === undefined ? ofPod : { ...ofPod, ...shareWith(infra, pod, ofPod) };
}

function shareWith(infra: ContainerConfig, pod: PodRecord, spec: ContainerSpec): Partial<ContainerSpec> {
  const shares = (namespace: PodNamespace): boolean => pod.shared.includes(namespace);
  const user = spec.namespaces.user;
  if (user !== undefined && user.kind !== "host")
    throw new ToolError("invalid-argument", "cannot set user namespace mode when joining pod with infra container: invalid argument");
  const { namespaces, hostname } = shareNamespaces(infra, shares, spec);
  const targets = new Set((spec.volumes ?? []).map(({ target }) => target));
  return {
    namespaces,
    ...(hostname === undefined ? {} : { hostname }),
    network: shares("net") && spec.network.mode === undefined ? sharedNetwork(infra, spec.network) : spec.network,
    annotations: { "io.kubernetes.cri-o.SandboxID": infra.id, ...spec.annotations },
    volumes: [...infra.mounts.filter(({ target }) => !targets.has(target)).map(toVolume), ...(spec.volumes ?? [])],
    security: inheritSecurity(infra.security, spec.security),
    devices: [...infra.devices, ...(spec.devices ?? [])],
    cdiDevices: [...new Set([...(infra.cdiDevices ?? []), ...(spec.cdiDevices ?? [])])],
    shmSizeSystemd: spec.shmSizeSystemd ?? infra.shmSizeSystemd,
  };
}

function shareNamespaces(
  infra: ContainerConfig,
  shares: (namespace: PodNamespace) => boolean,
  spec: ContainerSpec,
): { readonly namespaces: NamespaceSpec; readonly hostname: string | undefined } {
  const own = spec.namespaces;
  const lend = (namespace: PodNamespace, mode: NamespaceMode, chosen: NamespaceMode | undefined): NamespaceMode | undefined => {
    if (chosen !== undefined || !shares(namespace)) return chosen;
    return mode.kind === "host" ? mode : { kind: "container", container: infra.id };
  };
  const sharesUts = shares("uts") && own.uts === undefined;
  if (sharesUts && spec.hostname !== undefined && spec.hostname !== "") {
    throw new ToolError(
      "invalid-argument",
      "invalid config provided: cannot set hostname when joining the pod UTS namespace: invalid configuration",
    );
  }
  const lent = infra.namespaces;
  return {
    hostname: sharesUts ? infra.hostname : undefined,
    namespaces: {
      ...own,
      ...(hasOwnUsers(infra) ? { user: { kind: "container", container: infra.id } as const } : {}),
      pid: lend("pid", lent.pid, own.pid),
      ipc: lend("ipc", lent.ipc, own.ipc),
      uts: lend("uts", lent.uts, own.uts),
      cgroup: lend("cgroup", lent.cgroup, own.cgroup),
    },
  };
}

/** The pod's profiles and labels, where the container has none of its own. */
function inheritSecurity(pod: SecuritySpec, own: SecuritySpec): SecuritySpec {
  const { seccompProfile, apparmorProfile, noNewPrivileges, labelOptions = [], securityOptions = [] } = pod;
  const hasLabels = (own.labelOptions?.length ?? 0) > 0;
  return {
    ...own,
    seccompProfile: own.seccompProfile ?? seccompProfile,
    apparmorProfile: own.apparmorProfile ?? apparmorProfile,
    noNewPrivileges: own.noNewPrivileges ?? noNewPrivileges,
    labelOptions: hasLabels ? own.labelOptions : labelOptions,
    securityOptions: [...new Set([...(hasLabels ? [] : securityOptions), ...(own.securityOptions ?? [])])],
  };
}

function hasOwnUsers({ idMappings, joinedUserNamespace }: ContainerConfig): boolean {
  return idMappings !== undefined || joinedUserNamespace !== undefined;
}

/** The pod's network: what can be said of it was said when the pod was made. */
function sharedNetwork(infra: ContainerConfig, network: NetworkSpec): NetworkSpec {
  const refuse = (what: string): never => {
    throw new ToolError("invalid-argument", `invalid config provided: ${what}: network cannot be configured when it is shared with a pod`);
  };
  const filled = (list: readonly unknown[] | undefined): boolean => list !== undefined && list.length > 0;
  if (filled(network.ports) || network.publishAll === true) refuse("published or exposed ports must be defined when the pod is created");
  if (filled(network.addHosts)) refuse("extra host entries must be specified on the pod");
  if (filled(network.staticIps) || network.staticMac !== undefined || filled(network.aliases))
    refuse("networks must be defined when the pod is created");
  const { kind } = infra.network.mode;
  return { ...network, mode: kind === "host" ? { kind } : { kind: "container", container: infra.id } };
}

function toVolume(mount: MountConfig): VolumeSpec {
  return mount;
}
