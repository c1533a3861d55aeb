import { ToolError } from "@containers/common/errors/tool-error";
import type { PortMapping } from "@containers/common/network/port-mapping";
import type { ByteStream } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { claimConfig, furnish } from "../creation/create.ts";
import { newId } from "../creation/new-id.ts";
import { resolveImage } from "../creation/resolve-image.ts";
import { removeContainers } from "../removal/remove.ts";
import { timestamp } from "../timestamp.ts";
import { CRIU_FOR_PODS, requireCriu } from "./criu.ts";
import type { DumpedSpec } from "./dumped-config.ts";
import { type Dump, fromDump, readDump } from "./read-dump.ts";

export interface ImportOptions {
  /** A new name, and with it a new id. */
  readonly name?: string;
  /** The pod to put it in. */
  readonly pod?: string;
  /** Published ports instead of the checkpoint's. */
  readonly ports?: readonly PortMapping[];
  readonly ignoreVolumes?: boolean;
}

/** A container that was made out of a checkpoint and waits for its processes. */
export interface ImportedContainer {
  readonly container: Container;
  readonly spec: DumpedSpec;
  /** Takes it back, and its volumes: the restore has failed. */
  discard(): Promise<void>;
}

/** Makes the container of a checkpoint's archive anew: record, layer, volumes. `open` gives the archive's bytes. */
export async function importContainer(engine: Engine, open: () => ByteStream, options: ImportOptions): Promise<ImportedContainer> {
  const dump = await readDump(open());
  requireImportable(engine, dump, options);
  const image = await resolveDumpedImage(engine, dump);
  const id = options.name === undefined ? dump.config.id : newId();
  const { graphRoot, runRoot } = engine.paths;
  const driver = engine.store.driverName;
  const base = fromDump(dump, {
    id,
    name: options.name ?? dump.config.name,
    createdAt: timestamp(),
    imageId: image?.id ?? "",
    imageDigest: image?.digest ?? "",
    cgroupManager: engine.cgroupManager,
    driver,
    staticDir: `${graphRoot}/${driver}-containers/${id}/userdata`,
    runDir: `${runRoot}/${driver}-containers/${id}/userdata`,
    runtime: engine.globals.runtime ?? engine.runtime(dump.config.runtime).name,
    podId: "",
  });
  const config = await inPod(
    engine,
    options.ports === undefined ? base : { ...base, network: { ...base.network, ports: options.ports } },
    options.pod,
  );
  const volumes = volumeNames(config).filter((name) => engine.state.volumes.get(name) === undefined);
  const lock = claimConfig(engine, config);
  try {
    const container = await furnish(engine, config);
    if (options.ignoreVolumes !== true) expectContent(engine, volumes);
    return { container, spec: dump.spec, discard: () => discard(engine, config, volumes) };
  } finally {
    lock.release();
  }
}

function requireImportable(engine: Engine, { config }: Dump, options: ImportOptions): void {
  const refuse = (message: string): never => {
    throw new ToolError("invalid-argument", message);
  };
  if (config.pod && options.pod === undefined) refuse("cannot restore pod container without --pod");
  if (!config.pod && options.pod !== undefined) refuse("cannot restore non pod container into pod");
  if ((config.Dependencies ?? []).length > 0 && !config.pod) refuse("cannot import checkpoints of containers with dependencies");
  if (options.ignoreVolumes === true) return;
  for (const { volumeName } of config.namedVolumes ?? [])
    if (engine.state.volumes.get(volumeName) !== undefined)
      refuse(`volume with name ${volumeName} already exists. Use --ignore-volumes to not restore content of volumes`);
}

async function resolveDumpedImage(engine: Engine, { config }: Dump): Promise<{ readonly id: string; readonly digest: string } | undefined> {
  if (config.rootfs) return undefined;
  const own = engine.store.images.get(config.rootfsImageID ?? "");
  if (own !== undefined && config.rootfsImageID === own.id) return { id: own.id, digest: own.digest ?? "" };
  const found = await resolveImage(engine, {
    image: config.rootfsImageName ?? "",
    network: {},
    namespaces: {},
    security: {},
    resources: {},
  });
  // Its files were changed relative to one image: on another they would be a mixture.
  if (config.rootfsImageID && found.id !== config.rootfsImageID)
    throw new ToolError(
      "invalid-argument",
      `the container was checkpointed with the image ${config.rootfsImageID}, but ${config.rootfsImageName ?? ""} is ${found.id} here`,
    );
  return found;
}

/** The namespaces that its old pod lent come from the new one's infra container. */
async function inPod(engine: Engine, config: ContainerConfig, reference: string | undefined): Promise<ContainerConfig> {
  if (reference === undefined) return config;
  requireCriu(CRIU_FOR_PODS);
  const { resolvePod } = await import("../../pods/resolve-pod.ts");
  const pod = resolvePod(engine, reference);
  const { infraId } = pod;
  if (infraId === "") throw new ToolError("invalid-argument", `pod ${pod.name} has no infra container to share namespaces with`);
  const { namespaces, network } = config;
  const borrow = <Mode extends { readonly kind: string }>(mode: Mode, shared: PodRecord["shared"][number]) => {
    if (mode.kind !== "container") return mode;
    if (!pod.shared.includes(shared)) throw new ToolError("invalid-argument", `pod ${pod.id} does not share the ${shared} namespace`);
    return { kind: "container" as const, container: infraId };
  };
  return {
    ...config,
    podId: pod.id,
    dependencies: [infraId],
    cgroupParent: pod.cgroupPath,
    annotations: { ...config.annotations, "io.kubernetes.cri-o.SandboxID": infraId },
    namespaces: {
      ...namespaces,
      pid: borrow(namespaces.pid, "pid"),
      ipc: borrow(namespaces.ipc, "ipc"),
      uts: borrow(namespaces.uts, "uts"),
      cgroup: borrow(namespaces.cgroup, "cgroup"),
    },
    network: { ...network, mode: borrow(network.mode, "net") },
  };
}

/** The checkpoint brings the volumes' files: those of the image must not come first. */
function expectContent(engine: Engine, names: readonly string[]): void {
  for (const name of names) {
    const volume = engine.state.volumes.get(name);
    if (volume !== undefined) engine.state.volumes.update({ ...volume, needsCopyUp: false, needsChown: false });
  }
}

function volumeNames({ mounts }: ContainerConfig): string[] {
  return mounts.flatMap((mount) => (mount.type === "volume" ? [mount.name] : []));
}

async function discard(engine: Engine, { id }: ContainerConfig, volumes: readonly string[]): Promise<void> {
  await removeContainers(engine, [id], { force: true, ignore: true, volumes: true });
  const { deleteVolumes } = await import("../../volumes/remove.ts");
  await deleteVolumes(engine, volumes);
}
