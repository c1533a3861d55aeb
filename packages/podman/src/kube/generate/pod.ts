import { ToolError } from "@containers/common/errors/tool-error";
import type { RestartPolicy } from "../../container-spec/container-spec.ts";
import type { ContainerConfig } from "../../containers/config.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import { podAnnotationsOf, ulimitAnnotation } from "./annotations.ts";
import { generateContainer, kubePorts } from "./container.ts";
import {
  filled,
  filledRecord,
  type KubeContainer,
  type KubeDns,
  type KubePod,
  type KubePodSpec,
  type KubePort,
  type KubeVolume,
  kubeName,
  kubeTimestamp,
} from "./kube-objects.ts";

type Ports = Pick<Engine, "sys" | "store" | "images" | "state" | "defaults">;

export interface PodOptions {
  /** A service publishes the ports. */
  readonly service: boolean;
  /** Keep the annotations that only podman understands. */
  readonly podmanOnly: boolean;
  readonly now: Date;
}

/** A pod out of containers that are in none. */
export function podOfContainers(engine: Ports, configs: readonly ContainerConfig[], options: PodOptions): KubePod {
  const annotations: Record<string, string> = {};
  const containers: KubeContainer[] = [];
  const volumes: KubeVolume[] = [];
  for (const config of configs) {
    Object.assign(annotations, podAnnotationsOf(config, options.podmanOnly), ulimitAnnotation(config));
    const made = generateContainer(engine, config, options);
    for (const relabelled of made.relabelled) annotations[kubeAnnotations.bindMount] = relabelled;
    containers.push(made.container);
    volumes.push(...made.volumes);
  }
  const first = kubeName(configs[0]?.name ?? "");
  return newPod(configs.some(({ name }) => kubeName(name) === first) ? `${first}-pod` : first, {
    annotations,
    now: options.now,
    spec: {
      containers,
      volumes: filled(volumes),
      dnsConfig: dnsConfig(configs),
      hostNetwork: configs.every(({ network }) => network.mode.kind === "host") || undefined,
      hostUsers: configs.some(({ idMappings }) => idMappings !== undefined) ? false : undefined,
      hostname: configs.find(hasOwnHostname)?.hostname,
      restartPolicy: restartPolicy(configs[0]?.restart),
      terminationGracePeriodSeconds: gracePeriod(engine, configs),
    },
  });
}

/** A pod of podman's, and the ports that it publishes. */
export function podOfPod(
  engine: Ports,
  pod: PodRecord,
  options: PodOptions,
): { readonly pod: KubePod; readonly ports: readonly KubePort[] } {
  const members = engine.state.containers.list({ podId: pod.id }).flatMap(({ id }) => {
    const config = engine.state.containers.get(id)?.config;
    return config === undefined ? [] : [config];
  });
  const infra = members.find(({ isInfra }) => isInfra);
  const own = members.filter(({ isInfra }) => !isInfra);
  if (own.length === 0)
    throw new ToolError(
      "invalid-state",
      infra === undefined ? `pod ${pod.id} has no containers` : `pod ${pod.id} only has an infra container`,
    );
  const ports = infra === undefined ? [] : kubePorts(infra.network.ports, options.service);
  const annotations = infraAnnotations(pod, infra);
  const made = generateMembers(engine, { pod, own, ports, annotations, options, soleMember: members.length === 2 });
  const spec: KubePodSpec = {
    ...made,
    dnsConfig: infra === undefined ? undefined : dnsConfig([infra]),
    hostAliases: filled((infra?.network.addHosts ?? []).map(hostAlias)),
    hostNetwork: infra?.network.mode.kind === "host" || undefined,
    hostUsers: infra?.idMappings === undefined ? undefined : false,
    hostname: own.find((config) => hasOwnHostname(config) && config.hostname !== pod.name)?.hostname,
    restartPolicy: restartPolicy(pod.restart),
    shareProcessNamespace: pod.shared.includes("pid") || undefined,
    terminationGracePeriodSeconds: gracePeriod(engine, own),
  };
  return { pod: newPod(kubeName(pod.name), { annotations, now: options.now, spec }), ports };
}

interface Members {
  readonly pod: PodRecord;
  readonly own: readonly ContainerConfig[];
  readonly ports: readonly KubePort[];
  /** Added to. */
  readonly annotations: Record<string, string>;
  readonly options: PodOptions;
  /** The pod has one container besides the infra container. */
  readonly soleMember: boolean;
}

/** The pod's ports stand with its first container; a volume that several containers use is listed once. */
function generateMembers(engine: Ports, { pod, own, ports, annotations, options, soleMember }: Members) {
  const containers: KubeContainer[] = [];
  const initContainers: KubeContainer[] = [];
  const volumes = new Map<string, KubeVolume>();
  let pending: readonly KubePort[] = ports;
  for (const config of own) {
    Object.assign(annotations, podAnnotationsOf(config, options.podmanOnly));
    const made = generateContainer(engine, config, options);
    for (const relabelled of made.relabelled) annotations[kubeAnnotations.bindMount] = relabelled;
    const isInit = config.initContainer !== undefined;
    let { container } = made;
    if (pod.shared.includes("net")) {
      const takesPorts = !isInit || soleMember;
      container = { ...container, ports: takesPorts ? filled(pending) : undefined };
      if (takesPorts) pending = [];
    }
    if (isInit) initContainers.push({ ...container, resources: container["resources"] ?? {} });
    else containers.push(container);
    if (!isInit) for (const volume of made.volumes) volumes.set(volume.name, volume);
  }
  return { containers, initContainers: filled(initContainers), volumes: filled([...volumes.values()]) };
}

function infraAnnotations(pod: PodRecord, infra: ContainerConfig | undefined): Record<string, string> {
  if (infra === undefined) return {};
  const userns = infra.annotations[kubeAnnotations.userns];
  return {
    ...(userns === undefined ? {} : { [kubeAnnotations.userns]: userns }),
    ...(infra.name === `${pod.id.slice(0, 12)}-infra` ? {} : { [kubeAnnotations.infraName]: infra.name }),
  };
}

function newPod(
  name: string,
  { annotations, now, spec }: { readonly annotations: Readonly<Record<string, string>>; readonly now: Date; readonly spec: KubePodSpec },
): KubePod {
  const metadata = {
    name,
    labels: { app: name },
    annotations: filledRecord(annotations),
    creationTimestamp: kubeTimestamp(now),
  };
  return { metadata, spec };
}

/** A host name that was chosen, and is not the beginning of the id. */
function hasOwnHostname({ id, hostname }: ContainerConfig): boolean {
  return !id.includes(hostname);
}

function hostAlias(entry: string) {
  const colon = entry.indexOf(":");
  if (colon === -1) throw new ToolError("invalid-argument", "invalid hostAdd");
  return { ip: entry.slice(colon + 1), hostnames: [entry.slice(0, colon)] };
}

function gracePeriod({ defaults }: Ports, configs: readonly ContainerConfig[]): number | undefined {
  return configs.find(({ stopTimeout }) => stopTimeout !== defaults.stopTimeout)?.stopTimeout;
}

/** Absent when nothing was said: kubernetes has a default of its own. */
function restartPolicy(policy: (RestartPolicy & { readonly isDefault?: boolean }) | undefined): KubePodSpec["restartPolicy"] {
  if (policy === undefined || policy.isDefault === true) return undefined;
  const names = { no: "Never", always: "Always", "on-failure": "OnFailure", "unless-stopped": undefined } as const;
  return names[policy.name];
}

function dnsConfig(configs: readonly ContainerConfig[]): KubeDns | undefined {
  const networks = configs.map(({ network }) => network);
  const unique = (lists: readonly (readonly string[])[]): string[] => [...new Set(lists.flat())];
  const dns: KubeDns = {
    nameservers: unique(networks.map(({ dns: servers }) => servers)),
    searches: unique(networks.map(({ dnsSearch }) => dnsSearch)),
    options: networks.flatMap(({ dnsOptions }) => dnsOptions.map(dnsOption)),
  };
  const known = Object.entries(dns).filter(([, list]) => list.length > 0);
  return known.length === 0 ? undefined : (Object.fromEntries(known) as unknown as KubeDns);
}

function dnsOption(option: string): KubeDns["options"][number] {
  const colon = option.indexOf(":");
  return colon === -1 ? { name: option, value: "" } : { name: option.slice(0, colon), value: option.slice(colon + 1) };
}
