import { hostname as hostName } from "node:os";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { RestartPolicy } from "../../container-spec/container-spec.ts";
import type { NetworkSpec } from "../../container-spec/network-spec.ts";
import { createContainer } from "../../containers/creation/create.ts";
import type { Engine } from "../../engine/engine.ts";
import { createPod } from "../../pods/create.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import type { InfraSpec, PodSpec } from "../../pods/pod-spec.ts";
import { startPod } from "../../pods/start.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import type { ConfigMap, KubeContainerYaml, KubePodYaml, PodTemplate } from "../schema/pod-schema.ts";
import { automountsOf } from "./automount.ts";
import { withConfigMapFiles } from "./config-maps.ts";
import { containerSpecOf, type PodContext } from "./container-spec.ts";
import { playImage } from "./image.ts";
import type { PlayedPod, PlayKubeOptions } from "./options.ts";
import { mergePorts, portsOfContainers } from "./ports.ts";
import { secretKeys } from "./secrets.ts";
import { podUserNamespace } from "./user-namespace.ts";
import { playVolumes } from "./volumes.ts";

export interface PodRequest {
  readonly name: string;
  readonly template: PodTemplate;
  /** Of the object that is played: a deployment's, not its template's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly configMaps: readonly ConfigMap[];
  readonly serviceContainerId?: string;
  /** How many pods came before, for `--ip`. */
  readonly index: number;
}

/**
 * Makes one pod with its containers and starts it, unless it is only to be made. What keeps single containers from starting stands in the report.
 * @throws ToolError when the pod or a container cannot be made, or an init container fails
 */
export async function playPod(engine: Engine, request: PodRequest, options: PlayKubeOptions): Promise<PlayedPod> {
  const { name, template, annotations } = request;
  if (name === "") throw new ToolError("invalid-argument", "pod does not have a name");
  if (kubeAnnotations.volumesFrom in annotations)
    throw new ToolError("invalid-argument", `annotation ${kubeAnnotations.volumesFrom} without target volume is reserved for internal use`);
  refuseNotification(annotations);
  const spec = podSpecOf(engine, request, options);
  const configMaps = withConfigMapFiles(request.configMaps, options.configMaps ?? []);
  const volumes = await playVolumes(engine, template.spec.volumes, configMaps);
  for (const volume of volumes.values())
    if (volume.kind === "image") await playImage(engine, { name: volume.reference, pullPolicy: volume.pullPolicy }, options);
  if (options.replace === true) await removeNamed(engine, name);
  const pod = await createPod(engine, spec);
  const made = await makeContainers(engine, pod, { ...request, configMaps, volumes, options });
  const errors = options.start === false ? [] : await startPod(engine, pod);
  return { id: pod.id, ...made, containerErrors: errors.map(({ message }) => message) };
}

async function removeNamed(engine: Engine, name: string): Promise<void> {
  const existing = engine.state.pods.resolve(name);
  if (existing?.name !== name) return;
  const { removePods } = await import("../../pods/remove.ts");
  const [report] = await removePods(engine, [existing], { force: true });
  const [error] = report?.errors ?? [];
  if (error !== undefined) throw new ToolError("invalid-state", `replacing pod ${name}: ${error.message}`, { cause: error });
}

/** Containers that report their readiness need a proxy between them and systemd. */
function refuseNotification(annotations: Readonly<Record<string, string>>): void {
  for (const [key, mode] of Object.entries(annotations)) {
    if (key !== kubeAnnotations.sdnotify && !key.startsWith(`${kubeAnnotations.sdnotify}/`)) continue;
    if (!["container", "conmon", "ignore", "healthy"].includes(mode))
      throw new ToolError(
        "invalid-argument",
        `invalid sdnotify value "${mode}": must be container, conmon, ignore or healthy: invalid argument`,
      );
    if (mode !== "ignore") throw new ToolError("unsupported", `the annotation ${key}: ${mode} is not supported yet`);
  }
}

const RESTART: Readonly<Record<string, RestartPolicy>> = {
  Always: { name: "always" },
  OnFailure: { name: "on-failure" },
  Never: { name: "no" },
};

function restartOf(spec: KubePodYaml): RestartPolicy {
  return RESTART[spec.restartPolicy ?? ""] ?? { name: "always" };
}

function podSpecOf(engine: Engine, request: PodRequest, options: PlayKubeOptions): PodSpec {
  const { name, template, annotations, serviceContainerId } = request;
  const { spec } = template;
  const hostname = spec.hostNetwork === true ? hostName() : spec.hostname || name;
  const infraName = template.metadata.annotations[kubeAnnotations.infraName];
  const userns = podUserNamespace({ podName: name, annotations, hostUsers: spec.hostUsers, asked: options.userns });
  const infra: InfraSpec = {
    ...(infraName === undefined ? {} : { name: infraName }),
    share: ["ipc", "net", "uts", ...(spec.shareProcessNamespace === true ? (["pid"] as const) : [])],
    network: networkOf(engine, request, options),
    ...(spec.hostPID === true ? { pid: { kind: "host" } } : {}),
    ...(spec.hostIPC === true ? { ipc: { kind: "host" } } : {}),
    ...(spec.hostNetwork === true ? { uts: { kind: "host" } } : {}),
    user: userns,
    sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map((sysctl) => [sysctl.name, sysctl.value])),
    container: {
      annotations: userns.kind === "host" ? { [kubeAnnotations.userns]: "host" } : {},
      labels: {},
      readOnly: true,
      readOnlyTmpfs: false,
      restart: { name: "no" },
      sdnotify: "ignore",
    },
  };
  return {
    name,
    labels: template.metadata.labels,
    hostname,
    exitPolicy: "stop",
    restart: restartOf(spec),
    infra,
    ...(serviceContainerId === undefined ? {} : { serviceContainerId }),
  };
}

/** Network that all pods of kube files share, unless they are told otherwise. */
export const KUBE_NETWORK = "podman-default-kube-network";

function networkOf(engine: Pick<Engine, "warn">, request: PodRequest, options: PlayKubeOptions): NetworkSpec {
  const { spec } = request.template;
  const chosen =
    options.network ?? (spec.hostNetwork === true ? { mode: { kind: "host" } as const } : { networks: { [KUBE_NETWORK]: {} } });
  const ports: PortMapping[] = mergePorts(portsOfContainers(spec.containers, options.publishAll === true), options.publish ?? []);
  if (spec.hostAliases.length > 0 && options.noHosts === true)
    throw new ToolError("invalid-argument", "HostAliases in yaml file will not work with --no-hosts");
  const isBridge = chosen.mode === undefined || chosen.mode.kind === "bridge";
  return {
    ...chosen,
    mode: chosen.mode ?? { kind: "bridge" },
    ...addressesOf(engine, request.index, { options, isBridge, count: Object.keys(chosen.networks ?? {}).length || 1 }),
    // Containers are found by their names in the file too.
    aliases: isBridge ? spec.containers.map((container) => container.name).filter((alias) => alias !== "") : [],
    ports: isBridge || ["pasta", "slirp4netns", "private"].includes(chosen.mode?.kind ?? "") ? ports : [],
    addHosts: spec.hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => `${name}:${ip}`)),
    dns: spec.dnsConfig?.nameservers ?? [],
    dnsSearch: spec.dnsConfig?.searches ?? [],
    dnsOptions: (spec.dnsConfig?.options ?? []).map(({ name, value }) => (value === undefined ? name : `${name}:${value}`)),
    noHosts: options.noHosts,
    noHostname: options.noHostname,
  };
}

function addressesOf(
  { warn }: Pick<Engine, "warn">,
  index: number,
  given: { readonly options: PlayKubeOptions; readonly isBridge: boolean; readonly count: number },
): Pick<NetworkSpec, "staticIps" | "staticMac"> {
  const { staticIps = [], staticMacs = [] } = given.options;
  const [ip, mac] = [staticIps[index], staticMacs[index]];
  const require = (what: string, short: string, ofAll: string): void => {
    if (!given.isBridge)
      throw new ToolError("invalid-argument", `static ${what} can only be set when the network mode is bridge: invalid argument`);
    if (given.count === 1) return;
    throw new ToolError(
      "invalid-argument",
      `cannot set static ${what} for more than network, use netname:${short}=<${short}> syntax to specify ${ofAll} for more than network: invalid argument`,
    );
  };
  if (ip !== undefined) require("ip addresses", "ip", "ips");
  else if (staticIps.length > 0) warn("No more static ips left using a random one");
  if (mac !== undefined) require("mac address", "mac", "mac");
  else if (staticMacs.length > 0) warn("No more static macs left using a random one");
  return { staticIps: ip === undefined ? [] : [ip], ...(mac === undefined ? {} : { staticMac: mac }) };
}

type Making = PodRequest & { readonly volumes: PodContext["volumes"]; readonly options: PlayKubeOptions };

async function makeContainers(
  engine: Engine,
  pod: PodRecord,
  making: Making,
): Promise<{ readonly containers: readonly string[]; readonly initContainers: readonly string[] }> {
  const { template, annotations, name, options } = making;
  const names = new Set<string>();
  const context: PodContext = {
    ...making,
    podId: pod.id,
    podName: name,
    infraId: pod.infraId,
    spec: template.spec,
    labels: template.metadata.labels,
    podAnnotations: template.metadata.annotations,
    restart: restartOf(template.spec),
    earlier: names,
    secret: (secret) => secretKeys(engine, secret),
  };
  const made: { readonly id: string; readonly isInit: boolean }[] = [];
  const isInit = (container: KubeContainerYaml): boolean => template.spec.initContainers.includes(container);
  for (const container of [...template.spec.initContainers, ...template.spec.containers]) {
    if (names.has(container.name))
      throw new ToolError("invalid-argument", `the pod "${name}" is invalid; duplicate container name "${container.name}" detected`);
    if (isInit(container)) requireNoProbes(container);
    if (container.image === undefined || container.image === "")
      throw new ToolError("invalid-argument", `container "${container.name}" is missing the required 'image' field`);
    const image = await playImage(engine, { name: container.image, pullPolicy: container.imagePullPolicy }, options);
    const init = isInit(container) ? initType(annotations) : undefined;
    const spec = containerSpecOf(container, image, { pod: context, ...(init === undefined ? {} : { init }) });
    const volumes = [...(spec.volumes ?? []), ...automountsOf(engine, container.name, annotations)];
    const { config } = await createContainer(engine, { ...spec, volumes });
    names.add(container.name);
    made.push({ id: config.id, isInit: init !== undefined });
  }
  return {
    containers: made.filter((one) => !one.isInit).map(({ id }) => id),
    initContainers: made.filter((one) => one.isInit).map(({ id }) => id),
  };
}

function initType(annotations: Readonly<Record<string, string>>): "always" | "once" {
  const type = annotations[kubeAnnotations.initContainerType] ?? "";
  if (type === "always") return type;
  if (type === "" || type === "once") return "once";
  throw new ToolError("invalid-argument", `invalid init container type "${type}": must be always or once`);
}

function requireNoProbes({ lifecycle, livenessProbe, readinessProbe, startupProbe }: KubeContainerYaml): void {
  if ([lifecycle, livenessProbe, readinessProbe, startupProbe].every((field) => field === undefined)) return;
  throw new ToolError(
    "invalid-argument",
    "cannot create an init container that has either of lifecycle, livenessProbe, readinessProbe, or startupProbe set",
  );
}
