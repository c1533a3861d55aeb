import { readlinkSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";
import { bootId } from "../../monitor/process-identity.ts";
import type { ContainerSummary } from "../../state/state.ts";
import { isStale } from "../lifecycle/stale.ts";
import { shownStatus } from "../lifecycle/transitions.ts";
import type { ContainerListing, ListOptions } from "../options.ts";
import { containerSize } from "./container-size.ts";
import { containerFilter } from "./list-filters.ts";

/**
 * Containers as `ps` lists them, oldest first: one query. Records that a killed process left behind are made true on the way, and half-made
 * containers are removed, not listed.
 */
export async function listContainers(engine: Engine, options: ListOptions = {}): Promise<ContainerListing[]> {
  const filters = options.filters ?? {};
  const wanted = options.podId === undefined ? {} : { podId: options.podId };
  let all = engine.state.containers.list(wanted);
  if (options.sync !== false && (await repaired(engine, all))) all = engine.state.containers.list(wanted);
  const matches = containerFilter(filters, {
    all,
    resolveImage: (name) => engine.store.images.get(name)?.id,
    restartPolicyOf: (id) => engine.state.containers.get(id)?.config.restart.name ?? "no",
    wasStoppedByUser: (id) => engine.state.containers.get(id)?.state.stoppedByUser ?? false,
    resolvePod: (reference) => engine.state.pods.resolve(reference)?.id,
  });
  const explicit = options.all === true || filters["status"] !== undefined || options.last !== undefined || options.latest === true;
  const chosen = all.filter((one) => one.status !== "creating" && (explicit || one.status === "running") && matches(one));
  const limited =
    options.latest === true ? chosen.slice(-1) : options.last !== undefined && options.last > 0 ? chosen.slice(-options.last) : chosen;
  return Promise.all(limited.map((summary) => toListing(engine, summary, options)));
}

/** Whether records were made true. What that takes, most of the engine, is loaded only where one may not be. */
async function repaired(engine: Engine, summaries: readonly ContainerSummary[]): Promise<boolean> {
  const boot = bootId();
  if (!summaries.some((one) => one.status === "creating" || one.status === "removing" || isStale(one, boot))) return false;
  const { repairStale } = await import("../lifecycle/repair.ts");
  return repairStale(engine, summaries);
}

async function toListing(engine: Engine, summary: ContainerSummary, options: ListOptions): Promise<ContainerListing> {
  const size = options.size === true ? await containerSize(engine, summary.id) : undefined;
  return {
    ...summary,
    ...lentPorts(engine, summary),
    shownStatus: shownStatus(summary.status),
    ...(options.podNames === true && summary.podId !== "" ? { podName: engine.state.pods.get(summary.podId)?.name ?? "" } : {}),
    ...(size === undefined ? {} : { size }),
    ...(options.namespaces === true ? { namespaceIds: namespaceIds(summary.pid) } : {}),
  };
}

/** A container of a pod that shares the network is reached through the infra container's ports. */
function lentPorts(engine: Pick<Engine, "state">, summary: ContainerSummary): Partial<Pick<ContainerSummary, "ports">> {
  if (summary.podId === "" || summary.isInfra) return {};
  const mode = engine.state.containers.get(summary.id)?.config.network.mode;
  if (mode?.kind !== "container") return {};
  const lender = engine.state.containers.get(mode.container)?.config;
  return lender === undefined ? {} : { ports: lender.network.ports };
}

function namespaceIds(pid: number): NonNullable<ContainerListing["namespaceIds"]> {
  const read = (name: string): string => {
    if (pid <= 0) return "";
    try {
      return /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${name}`))?.[1] ?? "";
    } catch {
      return "";
    }
  };
  return {
    mnt: read("mnt"),
    cgroup: read("cgroup"),
    ipc: read("ipc"),
    net: read("net"),
    pidns: read("pid"),
    uts: read("uts"),
    user: read("user"),
  };
}
