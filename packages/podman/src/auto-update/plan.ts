import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { AUTH_FILE_LABEL, AUTO_UPDATE_LABEL, parseUpdatePolicy, type UpdatePolicy } from "./policy.ts";

const UNIT_LABEL = "PODMAN_SYSTEMD_UNIT";

/** A running container that wants to be updated. */
export interface UpdateTask {
  readonly container: Pick<ContainerConfig, "id" | "name" | "imageId" | "rawImageName">;
  readonly policy: Exclude<UpdatePolicy, "disabled">;
  /** The service that runs it; for a container of a pod, the pod's. */
  readonly unit: string;
  /** Credentials of its own. */
  readonly authFile?: string;
}

/** The tasks by their service, and what is wrong with containers that say they want updates and cannot get any. */
export interface UpdatePlan {
  readonly units: ReadonlyMap<string, readonly UpdateTask[]>;
  readonly errors: readonly Error[];
}

/** Looks for running containers with an update policy. */
export function planUpdates(engine: Pick<Engine, "state">): UpdatePlan {
  const units = new Map<string, UpdateTask[]>();
  const errors: Error[] = [];
  for (const { id } of engine.state.containers.list({ statuses: ["running"] })) {
    try {
      const config = engine.state.containers.get(id)?.config;
      const task = config === undefined ? undefined : taskOf(engine, config);
      if (task !== undefined) units.set(task.unit, [...(units.get(task.unit) ?? []), task]);
    } catch (error) {
      errors.push(error instanceof Error ? error : new Error(String(error)));
    }
  }
  return { units, errors };
}

function taskOf(engine: Pick<Engine, "state">, config: ContainerConfig): UpdateTask | undefined {
  const label = config.labels[AUTO_UPDATE_LABEL];
  if (label === undefined) return undefined;
  const policy = policyOf(config, label);
  if (policy === "disabled") return undefined;
  const unit = unitLabels(engine, config)[UNIT_LABEL];
  if (unit === undefined) throw new ToolError("invalid-state", `auto-updating container "${config.id}": no ${UNIT_LABEL} label found`);
  if (config.rawImageName === "")
    throw new ToolError("invalid-state", `locally auto-updating container "${config.id}": raw-image name is empty`);
  const authFile = config.labels[AUTH_FILE_LABEL];
  return { container: config, policy, unit, ...(authFile === undefined ? {} : { authFile }) };
}

function policyOf(config: ContainerConfig, label: string): UpdatePolicy {
  try {
    return parseUpdatePolicy(label);
  } catch (cause) {
    throw new ToolError("invalid-argument", `auto-updating container "${config.id}"`, { cause });
  }
}

/** A pod's containers are restarted with the pod: the service is its infra container's. */
function unitLabels(engine: Pick<Engine, "state">, config: ContainerConfig): Readonly<Record<string, string>> {
  if (config.podId === "") return config.labels;
  const infraId = engine.state.pods.get(config.podId)?.infraId ?? "";
  return engine.state.containers.get(infraId)?.config.labels ?? {};
}
