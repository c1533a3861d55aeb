import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import { type OciRunConfig, readImageConfig } from "@containers/image/local-images/image-config";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { ContainerConfig } from "../../containers/config.ts";
import type { Engine } from "../../engine/engine.ts";
import { formatBytes, formatMillis } from "../schema/quantity.ts";
import { filled, type KubeContainer, type KubeObject, type KubePort, type KubeVolume, kubeName } from "./kube-objects.ts";
import { securityContext } from "./security-context.ts";
import { volumeMounts } from "./volume-mounts.ts";

export interface GeneratedContainer {
  readonly container: KubeContainer;
  readonly volumes: readonly KubeVolume[];
  /** Bind mounts that are relabelled: `PATH:z`. */
  readonly relabelled: readonly string[];
}

type Ports = Pick<Engine, "sys" | "store" | "images" | "state" | "defaults">;

/**
 * One container as a kube file has it.
 * @throws unsupported for what kubernetes cannot say: devices, `--rootfs`
 */
export function generateContainer(engine: Ports, config: ContainerConfig, options: { readonly service: boolean }): GeneratedContainer {
  if (config.security.privileged !== true && config.devices.length > 0)
    throw new ToolError("unsupported", "linux devices: not yet implemented");
  if (config.rootfs !== undefined) throw new ToolError("unsupported", "k8s does not support Rootfs");
  const image = imageConfig(engine, config);
  const { mounts, volumes, relabelled } = volumeMounts(config);
  const container: KubeContainer = {
    name: kubeName(config.name),
    image: config.imageName || undefined,
    ...commandOf(config, image),
    stdin: config.stdin || undefined,
    tty: config.tty || undefined,
    workingDir: config.workdir !== "/" && config.workdir !== (image.WorkingDir ?? "") ? config.workdir : undefined,
    env: filled(environment(config, image.Env ?? [])),
    ports: filled(kubePorts(portsOf(engine, config), options.service)),
    volumeMounts: filled(mounts),
    securityContext: securityContext(engine, config, image.User ?? ""),
    resources: resources(config),
  };
  return { container, volumes, relabelled };
}

/** Published ports; without host ports where a service publishes them. */
export function kubePorts(ports: readonly PortMapping[], service: boolean): KubePort[] {
  return ports.flatMap((port) =>
    port.protocol.split(",").flatMap((protocol) =>
      Array.from({ length: port.range }, (_, offset) => ({
        containerPort: port.container_port + offset,
        hostPort: service ? undefined : port.host_port + offset || undefined,
        hostIP: port.host_ip === "" ? undefined : port.host_ip,
        protocol: kubeProtocol(protocol),
      })),
    ),
  );
}

function kubeProtocol(protocol: string): KubePort["protocol"] {
  const upper = protocol.toUpperCase();
  if (upper === "TCP") return undefined;
  if (upper === "UDP" || upper === "SCTP") return upper;
  throw new ToolError("invalid-argument", `unknown network protocol ${protocol}`);
}

function imageConfig(engine: Ports, config: ContainerConfig): OciRunConfig {
  if (config.imageName === "") return {};
  const found = resolveLocalImage(engine.images, config.imageName);
  if (found === undefined)
    throw new ToolError(
      "not-found",
      `looking up image "${config.imageName}" of container "${config.id}": ${config.imageName}: image not known`,
    );
  return readImageConfig(engine.store, found.image.id).config;
}

/** What the image says itself need not be said again. */
function commandOf(config: ContainerConfig, image: OciRunConfig): Pick<KubeObject, "command" | "args"> {
  const hasEntrypoint = config.entrypoint.length > 0;
  const command = hasEntrypoint ? config.entrypoint : config.command;
  const isOfImage = isSame(command, image.Cmd) || isSame(command, image.Entrypoint);
  return { command: isOfImage ? undefined : filled(command), args: hasEntrypoint ? filled(config.command) : undefined };
}

function isSame(one: readonly string[], other: readonly string[] | undefined): boolean {
  return other !== undefined && one.length === other.length && one.every((word, index) => word === other[index]);
}

function environment(config: ContainerConfig, ofImage: readonly string[]): KubeObject[] {
  const known = new Set([...ofImage, "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "container=podman"]);
  const chosen = config.namespaces.uts.kind === "private" && !config.id.includes(config.hostname) ? [`HOSTNAME=${config.hostname}`] : [];
  const named = new Set(config.env.map((entry) => entry.split("=")[0]));
  return [...config.env, ...(named.has("HOSTNAME") ? [] : chosen)].flatMap((entry) => {
    const at = entry.indexOf("=");
    const [name, value] = [entry.slice(0, at), entry.slice(at + 1)];
    return value === "" || known.has(entry) ? [] : [{ name, value }];
  });
}

/** The ports of the container whose network this one uses. */
function portsOf(engine: Pick<Engine, "state">, config: ContainerConfig): readonly PortMapping[] {
  const { mode, ports } = config.network;
  if (mode.kind !== "container") return ports;
  return engine.state.containers.get(mode.container)?.config.network.ports ?? [];
}

function resources({ resources: asked }: ContainerConfig): KubeObject | undefined {
  const quota = asked.cpus === undefined ? asked.cpuQuota : asked.cpus * 100_000;
  const period = asked.cpus === undefined ? asked.cpuPeriod : 100_000;
  const millis = quota === undefined || period === undefined || quota <= 0 || period <= 0 ? 0 : Math.trunc((1000 * quota) / period);
  const limits = {
    cpu: millis >= 1 ? formatMillis(millis) : undefined,
    memory: asked.memory === undefined || asked.memory === 0 ? undefined : formatBytes(asked.memory),
  };
  return limits.cpu === undefined && limits.memory === undefined ? undefined : { limits };
}
