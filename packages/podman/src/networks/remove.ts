import { ToolError } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../containers/options.ts";
import type { Engine } from "../engine/engine.ts";
import type { ContainerSummary } from "../state/state.ts";

export interface RemoveNetworksOptions {
  /** Remove the containers on it first. */
  readonly force?: boolean;
  /** Seconds that those get to stop. */
  readonly timeout?: number;
}

/** Removes networks that no container is on; one report each, so that one bad name does not hide the rest. */
export async function removeNetworks(
  engine: Engine,
  references: readonly string[],
  options: RemoveNetworksOptions = {},
): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      reports.push({ reference, ...(await removeOne(engine, reference, options)) });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

async function removeOne(engine: Engine, reference: string, options: RemoveNetworksOptions): Promise<{ id: string; name: string }> {
  const network = engine.networks.get(reference);
  if (network === undefined) {
    if (options.force === true) return { id: "", name: reference };
    throw new ToolError("not-found", `unable to find network with name or ID ${reference}: network not found`);
  }
  const users = engine.state.containers.list().filter((container) => container.networks.includes(network.name));
  if (users.length > 0 && options.force !== true) {
    throw new ToolError(
      "in-use",
      `"${reference}" has associated containers with it. Use -f to forcibly delete containers and pods: network is being used`,
    );
  }
  if (users.length > 0) await removeUsers(engine, users, options.timeout);
  engine.networks.remove(network.name);
  engine.events.write({ type: "network", status: "remove", id: network.id, network: network.name, attributes: { driver: network.driver } });
  return { id: network.id, name: network.name };
}

/** Removes the containers of a network; with an infra container goes its pod. */
async function removeUsers(engine: Engine, users: readonly ContainerSummary[], timeout: number | undefined): Promise<void> {
  const { removeContainers } = await import("../containers/removal/remove.ts");
  const { removePodsOfInfra } = await import("../pods/remove-pods-of-infra.ts");
  const ids = (infra: boolean) => users.filter(({ isInfra }) => isInfra === infra).map(({ id }) => id);
  const options = { force: true, timeout };
  const reports = [...(await removeContainers(engine, ids(false), options)), ...(await removePodsOfInfra(engine, ids(true), options))];
  const failed = reports.find((report) => report.error !== undefined);
  if (failed?.error !== undefined) throw failed.error;
}
