import { ToolError } from "@containers/common/errors/tool-error";
import { refreshLocked } from "../containers/lifecycle/refresh.ts";
import type { TargetReport } from "../containers/options.ts";
import { networkOptions } from "../containers/prepare/network.ts";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";

/** Sets up the networks of running containers again, with the addresses they have: for when the host's firewall rules were lost. */
export async function reloadNetworks(engine: Engine, references: readonly string[]): Promise<TargetReport[]> {
  const reports: TargetReport[] = [];
  for (const reference of references) {
    try {
      const { config } = resolveContainer(engine, reference);
      await reloadOne(engine, config.id);
      reports.push({ reference, id: config.id, name: config.name });
    } catch (error) {
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}

/** Containers that `--all` means: those on a bridge that run. */
export function reloadableContainers(engine: Pick<Engine, "state">): string[] {
  return engine.state.containers
    .list({ statuses: ["created", "running", "paused"] })
    .flatMap(({ id, networks }) => (networks.length === 0 ? [] : [id]));
}

async function reloadOne(engine: Engine, id: string): Promise<void> {
  await withContainerLock(engine, id, async (stale) => {
    const { config, state } = await refreshLocked(engine, stale);
    if (!["created", "running", "paused"].includes(state.status)) {
      throw new ToolError("invalid-state", "cannot reload network unless container network has been configured: container state improper");
    }
    if (config.network.mode.kind !== "bridge" || state.netnsPath === undefined) {
      throw new ToolError("invalid-state", `container ${id} network is not configured, refusing to reload: container state improper`);
    }
    const options = networkOptions(config);
    // Until it is known again: what a killed podman leaves is looked for.
    engine.state.containers.setState(id, { ...state, networkStatus: undefined });
    await engine.network.teardown(state.netnsPath, options);
    const networks = Object.fromEntries(
      Object.entries(options.networks).map(([name, one]) => [
        name,
        { ...one, ...presentAddresses(state.networkStatus?.[name]?.interfaces) },
      ]),
    );
    const networkStatus = await engine.network.setup(state.netnsPath, { ...options, networks });
    engine.state.containers.setState(id, { ...state, networkStatus });
  });
}

function presentAddresses(
  interfaces:
    | Readonly<Record<string, { readonly mac_address: string; readonly subnets?: ReadonlyArray<{ readonly ipnet: string }> }>>
    | undefined,
): object {
  const [one] = Object.values(interfaces ?? {});
  if (one === undefined) return {};
  return { staticIps: (one.subnets ?? []).map(({ ipnet }) => ipnet.split("/")[0] ?? ""), staticMac: one.mac_address };
}
