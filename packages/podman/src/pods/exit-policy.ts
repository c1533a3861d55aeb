import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { stopPod } from "./stop.ts";

const ENDED: readonly string[] = ["exited", "stopped", "stopping", "removing"];

/**
 * After a container of a pod has ended: stops the pod when its policy says so and none but the infra container is left running. The caller
 * holds no container's lock.
 */
export async function applyExitPolicy(
  engine: Engine,
  ended: Pick<ContainerConfig, "id" | "podId" | "isInfra" | "initContainer">,
): Promise<void> {
  const pod = engine.state.pods.get(ended.podId);
  if (pod === undefined || pod.exitPolicy !== "stop" || ended.isInfra || ended.initContainer !== undefined) return;
  const members = engine.state.containers.list({ podId: pod.id });
  const goesOn = members.some(({ id, isInfra, status }) => id !== ended.id && !isInfra && !ENDED.includes(status));
  const runsAgain = members.some(({ id, status }) => id === ended.id && status === "running");
  if (goesOn || runsAgain) return;
  for (const error of await stopPod(engine, pod)) engine.warn(`stopping pod ${pod.name}: ${error.message}`);
}
