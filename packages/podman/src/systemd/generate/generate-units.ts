import { ToolError } from "@containers/common/errors/tool-error";
import type { Container, ContainerConfig } from "../../containers/config.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { containerService, containerUnit } from "./container-unit.ts";
import type { GenerateOptions } from "./options.ts";
import { podIdFile, podService, podUnit } from "./pod-unit.ts";

type Ports = Pick<Engine, "state" | "paths" | "warn">;

/**
 * Units of systemd's for a container, or for a pod and its containers: text by name without `.service`, the pod's first.
 *
 * @throws not-found when it is neither
 */
export async function generateUnits(engine: Ports, reference: string, options: GenerateOptions): Promise<Map<string, string>> {
  const container = findContainer(engine, reference);
  if (container !== undefined) {
    warnOfPolicy(engine, container.config, options);
    const { name, text } = containerUnit(container.config, options, { runRoot: engine.paths.runRoot });
    return new Map([[name, text]]);
  }
  const pod = engine.state.pods.resolve(reference);
  if (pod === undefined || pod.isCreating) {
    throw new ToolError(
      "not-found",
      `${reference} does not refer to a container or pod: no pod with name or ID ${reference} found: no such pod: no container with name or ID "${reference}" found: no such container`,
    );
  }
  return podUnits(engine, pod, options);
}

function findContainer(engine: Ports, reference: string): Container | undefined {
  const found = engine.state.containers.resolve(reference);
  return found === undefined || found.state.status === "creating" ? undefined : found;
}

function podUnits(engine: Ports, pod: PodRecord, options: GenerateOptions): Map<string, string> {
  if (options.template) throw new ToolError("invalid-argument", "--template is not supported for pods");
  const infra = engine.state.containers.get(pod.infraId)?.config;
  if (infra === undefined) throw new ToolError("invalid-state", `generating systemd unit files: Pod "${pod.name}" has no infra container`);
  const members = engine.state.containers
    .list({ podId: pod.id })
    .flatMap(({ id }) => engine.state.containers.get(id)?.config ?? [])
    .filter(({ id }) => id !== pod.infraId);
  const service = podService(pod, options);
  const own = podUnit(pod, options, {
    runRoot: engine.paths.runRoot,
    infra,
    members: members.map((member) => containerService(member, options)),
  });
  const units = members.map((member) => {
    warnOfPolicy(engine, member, options);
    return containerUnit(member, options, {
      runRoot: engine.paths.runRoot,
      boundTo: member.dependencies.flatMap((id) => serviceOf(engine, id, { pod, service, options })),
      podIdFile: podIdFile(service),
    });
  });
  return new Map([own, ...units].map(({ name, text }) => [name, text]));
}

function serviceOf(engine: Ports, id: string, around: { pod: PodRecord; service: string; options: GenerateOptions }): string[] {
  if (id === around.pod.infraId) return [around.service];
  const config = engine.state.containers.get(id)?.config;
  return config === undefined ? [] : [containerService(config, around.options)];
}

/** Two that start the same container again are one too many. */
function warnOfPolicy(engine: Ports, config: ContainerConfig, options: GenerateOptions): void {
  if (options.new || config.restart.name === "no") return;
  engine.warn(
    `container ${config.id} has restart policy "${config.restart.name}" which can lead to issues on shutdown: make it without one and use systemd's`,
  );
}
