import { parseDecimalSize } from "@containers/common/cli/flag-values/size";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec, InitContainerType, LogSpec, RestartPolicy } from "../../container-spec/container-spec.ts";
import type { HealthSpec } from "../../container-spec/health-spec.ts";
import type { ImageFacts } from "../../container-spec/settle-context.ts";
import { kubeAnnotations } from "../kube-annotations.ts";
import type { ConfigMap, KubeContainerYaml, KubePodYaml, KubeProbe } from "../schema/pod-schema.ts";
import { environmentOf } from "./environment.ts";
import { expandVariables, variablesOf } from "./expand.ts";
import { mountsOf } from "./mounts.ts";
import type { PlayKubeOptions } from "./options.ts";
import { healthCheckOf } from "./probes.ts";
import { devicesOf, resourcesOf } from "./resources.ts";
import { seccompProfileOf, securityOf } from "./security.ts";
import type { PlayedVolume } from "./volumes.ts";
import { volumesFromOf } from "./volumes-from.ts";

const KUBELET_SECCOMP = "/var/lib/kubelet/seccomp";

/** What the containers of a pod have in common. */
export interface PodContext {
  readonly podId: string;
  readonly podName: string;
  readonly infraId: string;
  readonly spec: KubePodYaml;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** Of the object that the pod itself is: seccomp is looked for there. */
  readonly podAnnotations: Readonly<Record<string, string>>;
  readonly configMaps: readonly ConfigMap[];
  readonly volumes: ReadonlyMap<string, PlayedVolume>;
  readonly restart: RestartPolicy;
  /** Names in the file of the containers that come before this one. */
  readonly earlier: ReadonlySet<string>;
  secret(name: string): ReadonlyMap<string, Buffer> | undefined;
  readonly options: PlayKubeOptions;
}

/**
 * What a container of a kube file asks for. `image` is its image, which is there already.
 * @throws ToolError invalid-argument, not-found, unsupported
 */
export function containerSpecOf(
  container: KubeContainerYaml,
  image: ImageFacts,
  { pod, init }: { readonly pod: PodContext; readonly init?: InitContainerType },
): ContainerSpec {
  const { options } = pod;
  const annotations = annotationsOf(container, pod);
  const env = environmentOf(container, pod);
  const mounts = mountsOf(container.volumeMounts, pod.volumes, pod.annotations);
  const { devices, cdiDevices } = devicesOf(container);
  const seccompProfile = seccompProfileOf(container.name, pod.podAnnotations, options.seccompProfileRoot ?? KUBELET_SECCOMP);
  return {
    ...commandOf(container, image, env),
    ...securityOf(container, pod.spec.securityContext, { annotations: pod.annotations, seccompProfile }),
    ...healthOf(container, pod.restart),
    ...flagsOf(container, pod),
    name: options.noPodPrefix === true && init === undefined ? container.name : `${pod.podName}-${container.name}`,
    image: container.image,
    pull: { policy: "missing", quiet: true },
    replace: options.replace,
    pod: pod.podId,
    env,
    tty: container.tty,
    labels: labelsOf(container, pod),
    annotations,
    workdir: container.workingDir || undefined,
    restart: init === undefined ? pod.restart : { name: "no" },
    initContainer: init,
    stopTimeout: init === undefined ? pod.spec.terminationGracePeriodSeconds : undefined,
    stopSignal: container.lifecycle?.stopSignal,
    network: pod.spec.hostNetwork === true ? { mode: { kind: "host" } } : {},
    namespaces: hostNamespaces(pod.spec, init === undefined),
    resources: resourcesOf(container, pod.annotations),
    volumes: mounts.volumes,
    volumesFrom: volumesFromOf(container.name, pod),
    devices: [...devices, ...mounts.devices],
    cdiDevices,
    alwaysTmpfs: true,
    log: logOf(options.log),
    sdnotify: "ignore",
  };
}

/** `command` is the entrypoint and drops the image's command; `args` are the command. Variables are filled in, also in the image's own words. */
function commandOf(container: KubeContainerYaml, image: ImageFacts, env: readonly string[]): Pick<ContainerSpec, "entrypoint" | "command"> {
  const variables = variablesOf([...(image.config.Env ?? []), ...env]);
  const expand = (words: readonly string[]): string[] => words.map((word) => expandVariables(word, variables));
  const hasCommand = container.command.length > 0;
  const entrypoint = hasCommand ? container.command : (image.config.Entrypoint ?? []);
  const command = container.args.length > 0 ? container.args : hasCommand ? [] : (image.config.Cmd ?? []);
  return { entrypoint: expand(entrypoint), command: expand(command) };
}

function hostNamespaces({ hostPID, hostIPC, hostNetwork }: KubePodYaml, isRegular: boolean): ContainerSpec["namespaces"] {
  return {
    ...(hostPID === true && isRegular ? { pid: { kind: "host" } as const } : {}),
    ...(hostIPC === true && isRegular ? { ipc: { kind: "host" } as const } : {}),
    ...(hostNetwork === true ? { uts: { kind: "host" } as const } : {}),
  };
}

function labelsOf({ name }: KubeContainerYaml, { annotations, labels }: PodContext): Record<string, string> {
  const own: Record<string, string> = {};
  for (const label of ["io.containers.autoupdate", "io.containers.autoupdate.authfile"]) {
    const value = annotations[`${label}/${name}`] ?? annotations[label];
    if (value !== undefined && value !== "") own[label] = value;
  }
  return { ...own, ...labels };
}

/** The pod's annotations; those with this container's name behind a slash also without it. */
function annotationsOf({ name }: KubeContainerYaml, { annotations, infraId }: PodContext): Record<string, string> {
  const { cidFile, seccomp, apparmor, pidsLimit, cpuset, memoryNodes, autoremove, init, publishAll, label } = kubeAnnotations;
  const own = [cidFile, seccomp, apparmor, pidsLimit, cpuset, memoryNodes, autoremove, init, publishAll, label].flatMap((key) => {
    const value = annotations[`${key}/${name}`];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...annotations,
    ...Object.fromEntries(own),
    ...(infraId === "" ? {} : { [kubeAnnotations.sandbox]: infraId }),
    [kubeAnnotations.healthCheck]: "true",
  };
}

function flagsOf({ name }: KubeContainerYaml, { annotations }: PodContext): Pick<ContainerSpec, "remove" | "init"> {
  const truth = (key: string): boolean | undefined => {
    const value = annotations[`${key}/${name}`];
    if (value === undefined) return undefined;
    if (/^(1|t|true|T|TRUE|True)$/.test(value)) return true;
    if (/^(0|f|false|F|FALSE|False)$/.test(value)) return false;
    throw new ToolError("invalid-argument", `strconv.ParseBool: parsing "${value}": invalid syntax`);
  };
  const remove = truth(kubeAnnotations.autoremove);
  const init = truth(kubeAnnotations.init);
  return { ...(remove === undefined ? {} : { remove }), ...(init === undefined ? {} : { init }) };
}

/** A liveness probe watches the container; one that fails has it restarted, where it is to run always. */
function healthOf(container: KubeContainerYaml, restart: RestartPolicy): { readonly health?: HealthSpec } {
  const check = (probe: KubeProbe | undefined): HealthSpec | undefined =>
    probe === undefined ? undefined : healthCheckOf(probe, container);
  const started = check(container.startupProbe);
  // A check of the start needs a regular one after it.
  const health = check(container.livenessProbe) ?? (started === undefined ? undefined : { ...started, test: ["CMD-SHELL", "exit", "0"] });
  if (health === undefined) return {};
  const isRestarted = restart.name === "always" || restart.name === "on-failure";
  const startup = started === undefined ? {} : { startup: { ...started, successes: container.startupProbe?.successThreshold ?? 0 } };
  return { health: { ...health, ...startup, ...(isRestarted ? { onFailure: "restart" } : {}) } };
}

function logOf(log: PlayKubeOptions["log"]): LogSpec {
  let spec: LogSpec = log?.driver ? { driver: log.driver } : {};
  for (const option of log?.options ?? []) {
    const at = option.indexOf("=");
    if (at === -1) throw new ToolError("invalid-argument", `invalid log option "${option}"`);
    spec = { ...spec, ...logOption(option.slice(0, at), option.slice(at + 1), spec) };
  }
  return spec;
}

function logOption(key: string, value: string, spec: LogSpec): LogSpec {
  switch (key.toLowerCase()) {
    case "driver":
      return { driver: value };
    case "path":
      return { path: value };
    case "max-size": {
      const maxSize = parseDecimalSize(value);
      if (maxSize === undefined) throw new ToolError("invalid-argument", `invalid size: '${value}'`);
      return { maxSize };
    }
    case "tag":
      return { tag: value };
    case "label": {
      const at = value.indexOf("=");
      if (at === -1) throw new ToolError("invalid-argument", `invalid log label "${value}"`);
      return { labels: { ...spec.labels, [value.slice(0, at)]: value.slice(at + 1) } };
    }
    default:
      throw new ToolError("invalid-argument", `invalid log option "${key}": invalid argument`);
  }
}
