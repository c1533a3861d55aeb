export type PodStatus = "Created" | "Running" | "Degraded" | "Paused" | "Exited" | "Stopped" | "Error";

/** What a pod's containers, by their statuses as `ps` shows them, make of the pod. */
export function podStatus(statuses: readonly string[]): PodStatus {
  const count = (...kinds: readonly string[]): number => statuses.filter((status) => kinds.includes(status)).length;
  const all = statuses.length;
  const [running, paused, ended] = [count("running"), count("paused"), count("exited", "stopped")];
  const created = count("created", "initialized");
  if (all === 0) return "Created";
  if (running === all) return "Running";
  if (running > 0) return "Degraded";
  if (paused === all) return "Paused";
  if (ended === all) return "Exited";
  if (ended > 0) return "Stopped";
  return created + paused < all ? "Error" : "Created";
}
