import { readCgroupLayout } from "@containers/common/cgroups/cgroup-layout";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { ownCapabilities } from "@containers/common/security/own-capabilities";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { checkResources } from "../../container-spec/check-resources.ts";
import type { ContainerSpec } from "../../container-spec/container-spec.ts";
import { refuseConflicts } from "../../container-spec/refuse-conflicts.ts";
import { refuseUnsupported } from "../../container-spec/refuse-unsupported.ts";
import { settleConfig } from "../../container-spec/settle-config.ts";
import type { ImageFacts } from "../../container-spec/settle-context.ts";
import type { Engine } from "../../engine/engine.ts";
import type { HeldLock } from "../../locks/lock-manager.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import type { SettledUserNamespace } from "../../user-namespaces/settle-user-namespace.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { repairHalfMade } from "../lifecycle/repair.ts";
import { blockLimits } from "../prepare/resources.ts";
import { removeContainers } from "../removal/remove.ts";
import { INITIAL_STATE } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { newId } from "./new-id.ts";
import { randomName } from "./random-name.ts";
import { resolveImage } from "./resolve-image.ts";
import { storageRecord } from "./storage-record.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Makes a container: its record, its writable layer, its volumes. The record comes first and says `creating` until all the rest is
 * there, so that a kill in between leaves something that the next command finds and removes.
 */
export async function createContainer(engine: Engine, asked: ContainerSpec): Promise<Container> {
  blockLimits(asked.resources);
  const spec = checked(engine, asked);
  if (spec.name !== undefined && !NAME.test(spec.name)) {
    throw new ToolError(
      "invalid-argument",
      "running container create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument",
    );
  }
  refuseUnsupported(spec);
  if (engine.rootless && (spec.resources.deviceRules?.length ?? 0) > 0)
    throw new ToolError("invalid-argument", "device cgroup rules are not supported in rootless mode or in a user namespace");
  const image = spec.rootfs === undefined && spec.infra?.program === undefined ? await resolveImage(engine, spec) : undefined;
  if (spec.pod === undefined || spec.infra !== undefined) return createFrom(engine, spec, image);
  const { createInPod } = await import("../../pods/join-pod.ts");
  return createInPod(engine, spec, (joined) => createFrom(engine, joined, image));
}

/** What the host cannot give is refused before anything is made, or left out with a warning. */
function checked(engine: Pick<Engine, "rootless" | "warn">, spec: ContainerSpec): ContainerSpec {
  refuseConflicts(spec, engine);
  const { version } = readCgroupLayout();
  return { ...spec, resources: checkResources(spec.resources, { version, rootless: engine.rootless, warn: engine.warn }) };
}

async function createFrom(engine: Engine, spec: ContainerSpec, image: ImageFacts | undefined): Promise<Container> {
  const labels = { ...image?.config.Labels, ...spec.labels };
  if (labels["io.containers.autoupdate"] !== undefined)
    (await import("../../auto-update/check-image-name.ts")).checkUpdatedName(labels, spec.image ?? "");
  if (spec.replace === true && spec.name !== undefined) await removeContainers(engine, [spec.name], { force: true, ignore: true });
  const userNamespace = await ownUserNamespace(engine, spec, image);
  try {
    return await createWith(engine, await withSecretIds(engine, spec), {
      image,
      ...(userNamespace === undefined ? {} : { userNamespace }),
    });
  } finally {
    userNamespace?.lock?.release();
  }
}

async function withSecretIds(engine: Engine, spec: ContainerSpec): Promise<ContainerSpec> {
  const { secrets = [] } = spec;
  if (secrets.length === 0) return spec;
  const { settleSecrets } = await import("../../secrets/container-secrets.ts");
  return { ...spec, secrets: settleSecrets(engine, secrets) };
}

/** What is looked up for a container before its name is taken. */
interface LookedUp {
  readonly image: ImageFacts | undefined;
  readonly userNamespace?: SettledUserNamespace;
}

async function createWith(engine: Engine, spec: ContainerSpec, found: LookedUp): Promise<Container> {
  const { config, lock } = claim(engine, spec, found);
  try {
    return await furnish(engine, config);
  } finally {
    lock.release();
  }
}

/** Makes what belongs to a container whose name is taken: volumes, layer, secrets. The caller holds its lock; all is undone on failure. */
export async function furnish(engine: Engine, config: ContainerConfig): Promise<Container> {
  try {
    await requireMounts(engine, config);
    await makeVolumes(engine, config);
    engine.store.containers.create(storageRecord(config));
    if (engine.defaults.prepareVolumeOnCreate) await (await import("../prepare/fill-volumes.ts")).fillVolumes(engine, config);
    if (config.secrets.length > 0) (await import("../../secrets/container-secrets.ts")).keepSecretData(engine, config);
    engine.state.containers.setState(config.id, INITIAL_STATE);
  } catch (error) {
    undo(engine, config);
    throw isErrorOfKind(error, "already-exists") ? takenByAnother(engine, config.name) : error;
  }
  engine.debug(() => `Created container ${JSON.stringify(config.id)}`);
  engine.events.write(containerEvent(config, "create", await inspectData(engine, config)));
  return { config, state: INITIAL_STATE };
}

/** Listeners that know a container by its event alone get all that there is to know. */
async function inspectData(engine: Engine, { id }: ContainerConfig): Promise<{ readonly inspectData?: string }> {
  if (!engine.config.engine.eventsContainerCreateInspectData) return {};
  const { inspectContainer } = await import("../inspect/inspect-container.ts");
  return { inspectData: JSON.stringify(await inspectContainer(engine, id, { size: true })) };
}

/** Another tool has a container of this name in the same store. */
function takenByAnother(engine: Pick<Engine, "store">, name: string): ToolError {
  const holder = engine.store.containers.get(name)?.id ?? "another container";
  return new ToolError(
    "already-exists",
    `creating container storage: the container name "${name}" is already in use by ${holder}. You have to remove that container to be able to reuse that name: that name is already in use by an external entity, or use --replace to instruct Podman to do so.`,
    { code: "name-in-use" },
  );
}

/** The user namespace that the spec or containers.conf ask for; loaded only where one does. */
async function ownUserNamespace(
  engine: Engine,
  spec: ContainerSpec,
  image: ImageFacts | undefined,
): Promise<SettledUserNamespace | undefined> {
  const asked = spec.namespaces.user;
  if (asked?.kind === "host" || (asked === undefined && ["", "host"].includes(engine.defaults.userns))) return undefined;
  const mode = asked ?? (await import("../../user-namespaces/parse-user-mode.ts")).parseUserMode(engine.defaults.userns);
  if (mode === undefined || mode.kind === "host") return undefined;
  const { settleUserNamespace } = await import("../../user-namespaces/settle-user-namespace.ts");
  return settleUserNamespace(engine, mode, {
    ...(image === undefined ? {} : { image: image.id }),
    resolveContainer: (reference) => resolveContainer(engine, reference).config,
  });
}

/** Settles the configuration and takes the name; a name of our choice that is taken is chosen anew. The lock of the new container is held. */
function claim(engine: Engine, spec: ContainerSpec, found: LookedUp) {
  for (let attempt = 0; ; attempt += 1) {
    const id = newId();
    const config = settle(engine, spec, { id, name: spec.name ?? randomName(attempt), ...found });
    try {
      return { config, lock: claimConfig(engine, config) };
    } catch (error) {
      if (!isErrorOfKind(error, "already-exists") || attempt >= 6) throw error;
      const removed = repairHalfMade(engine);
      if (spec.name !== undefined && removed === 0) throw error;
    }
  }
}

/** Takes a container's name and id; the returned lock is held. already-exists when somebody has them. */
export function claimConfig(engine: Engine, config: ContainerConfig): HeldLock {
  const lock = engine.locks.acquire(config.id);
  try {
    insert(engine, { config, state: { ...INITIAL_STATE, status: "creating" } });
    return lock;
  } catch (error) {
    lock.release();
    // The id of one that is there already goes on to be locked by this name.
    if (engine.state.containers.get(config.id) === undefined) engine.locks.forget(config.id);
    throw error;
  }
}

/** A pod that is being removed meanwhile gets no new containers. */
function insert(engine: Engine, container: Container): void {
  const { podId } = container.config;
  engine.state.transaction(() => {
    if (podId !== "" && engine.state.pods.get(podId) === undefined)
      throw new ToolError("not-found", `no pod with name or ID ${podId} found: no such pod`, { exitCode: 125 });
    engine.state.containers.insert(container);
  });
}

function settle(engine: Engine, spec: ContainerSpec, chosen: LookedUp & { readonly id: string; readonly name: string }): ContainerConfig {
  const { graphRoot, runRoot } = engine.paths;
  const driver = engine.store.driverName;
  return settleConfig(spec, {
    ...chosen,
    createdAt: timestamp(),
    defaults: engine.defaults,
    rootless: engine.rootless,
    cgroupManager: engine.cgroupManager,
    cgroupVersion: readCgroupLayout().version,
    runtime: engine.runtime(spec.runtime ?? engine.config.engine.platformToOciRuntime[chosen.image?.platform ?? ""]).name,
    driver,
    staticDir: `${graphRoot}/${driver}-containers/${chosen.id}/userdata`,
    runDir: `${runRoot}/${driver}-containers/${chosen.id}/userdata`,
    hostEnv: process.env,
    availableCapabilities: ownCapabilities().bounding,
    resolveContainer: (reference) => resolveContainer(engine, reference).config,
    interfaceOf: (network) => deviceName(engine, network),
    findImage: (name) => resolveLocalImage(engine.images, name)?.image.id,
    resolveNetwork: (name) => resolveNetwork(engine, name),
  });
}

/** containers.conf's interface_name: what the network's device is called on the host, for those that share one. */
function deviceName({ config, networks }: Engine, name: string): string | undefined {
  if (config.containers.interfaceName !== "device") return undefined;
  const network = networks.get(name);
  return network?.driver === "macvlan" || network?.driver === "ipvlan" ? network.network_interface : undefined;
}

function resolveNetwork(engine: Engine, name: string): string {
  // The default network is always there, even before it has a file: it need not be looked up. `default` stands for it, whatever its name.
  if (name === engine.defaults.defaultNetwork || name === "default") return engine.defaults.defaultNetwork;
  const network = engine.networks.get(name);
  if (network === undefined)
    throw new ToolError("not-found", `unable to find network with name or ID ${name}: network not found`, { exitCode: 125 });
  return network.name;
}

async function requireMounts(engine: Engine, { mounts }: ContainerConfig): Promise<void> {
  if (!mounts.some(({ type }) => type === "artifact")) return;
  (await import("../prepare/artifact-mounts.ts")).requireArtifacts(engine, mounts);
}

async function makeVolumes(engine: Engine, config: ContainerConfig): Promise<void> {
  const volumes = config.mounts.filter((mount) => mount.type === "volume");
  if (volumes.length === 0) return;
  const { ensureVolume } = await import("../../volumes/ensure.ts");
  for (const mount of volumes) await ensureVolume(engine, mount.name, { anonymous: mount.anonymous });
}

function undo(engine: Engine, config: ContainerConfig): void {
  try {
    engine.store.containers.remove(config.id);
  } catch (error) {
    engine.warn(`removing the half-made container ${config.id}: ${String(error)}`);
    return;
  }
  engine.state.containers.remove(config.id);
  engine.locks.forget(config.id);
}
