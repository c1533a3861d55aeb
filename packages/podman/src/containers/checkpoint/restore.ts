import { existsSync, mkdirSync, rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { ByteStream } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { fileStream, unpackArchive } from "../copy/tar-files.ts";
import { initContainer } from "../lifecycle/init.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { startDependencies } from "../lifecycle/start.ts";
import { shownStatus } from "../lifecycle/transitions.ts";
import { timestamp } from "../timestamp.ts";
import { adaptSpec } from "./adapt-spec.ts";
import { PARTS } from "./archive.ts";
import { bringBackFiles } from "./bring-back-files.ts";
import { checkpointRuntime } from "./checkpoint-image.ts";
import { CRIU_FOR_CONTAINERS, criuVersionText, firstCriuError, requireCriu, requireRuntimeSupport } from "./criu.ts";
import { type RestoreStats, readRestoreStats } from "./criu-stats.ts";
import { type ImportedContainer, type ImportOptions, importContainer } from "./import.ts";
import { withOldAddresses, withoutFixedAddresses } from "./restored-addresses.ts";

export interface RestoreOptions extends ImportOptions {
  readonly keep?: boolean;
  readonly tcpEstablished?: boolean;
  readonly tcpClose?: boolean;
  readonly fileLocks?: boolean;
  /** An archive to make the container from, instead of containers and images by name. */
  readonly import?: string;
  /** The archive of a pre-checkpoint that {@link import} builds on. */
  readonly importPrevious?: string;
  readonly ignoreRootfs?: boolean;
  readonly ignoreStaticIp?: boolean;
  readonly ignoreStaticMac?: boolean;
  readonly statistics?: boolean;
}

export interface RestoreReport {
  /** As the user named the container; absent for one that was made out of an image or an archive. */
  readonly reference?: string;
  readonly id?: string;
  readonly error?: Error;
  /** Microseconds that the runtime took. */
  readonly runtimeDuration?: number;
  readonly statistics?: RestoreStats;
}

/** Restores checkpointed containers, makes containers out of checkpoint images, or one out of an archive. One report per target. */
export async function restoreContainers(
  engine: Engine,
  references: readonly string[],
  options: RestoreOptions = {},
): Promise<RestoreReport[]> {
  const { import: archive } = options;
  if (archive !== undefined) return [await restoreImported(engine, { open: () => fileStream(archive) }, options)];
  const reports: RestoreReport[] = [];
  for (const reference of references) {
    const container = engine.state.containers.resolve(reference);
    reports.push(
      container === undefined
        ? await restoreImage(engine, reference, options)
        : await reporting({ reference, id: container.config.id }, () => restoreInPlace(engine, reference, options)),
    );
  }
  return reports;
}

/** Whether the name is that of an image that holds a checkpoint. */
export function isCheckpointImage(engine: Pick<Engine, "images" | "store">, reference: string): boolean {
  const found = resolveLocalImage(engine.images, reference);
  return found !== undefined && checkpointRuntime(engine.store, found.image.id) !== undefined;
}

async function reporting(
  target: Pick<RestoreReport, "reference" | "id">,
  deed: () => Promise<Partial<RestoreReport>>,
): Promise<RestoreReport> {
  try {
    return { ...target, ...(await deed()) };
  } catch (error) {
    return { ...target, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

async function restoreInPlace(engine: Engine, reference: string, options: RestoreOptions): Promise<Partial<RestoreReport>> {
  const { config } = resolveContainer(engine, reference);
  return withContainerLock(engine, config.id, (container) => restoreLocked(engine, container, { options }));
}

async function restoreImage(engine: Engine, reference: string, options: RestoreOptions): Promise<RestoreReport> {
  return reporting({}, async () => {
    const image = resolveLocalImage(engine.images, reference)?.image;
    if (image === undefined) throw new ToolError("not-found", `no such container or image: ${reference}`, { exitCode: 125 });
    const { layer } = image;
    if (checkpointRuntime(engine.store, image.id) === undefined || layer === undefined)
      throw new ToolError("invalid-argument", `image with ID ${image.id} is not a checkpoint image`);
    return restoreImported(engine, { open: () => engine.store.layers.diff(layer) }, options);
  });
}

/** The bytes of a checkpoint, from the start each time. */
interface CheckpointSource {
  open(): ByteStream;
}

async function restoreImported(engine: Engine, source: CheckpointSource, options: RestoreOptions): Promise<RestoreReport> {
  requireCriu(CRIU_FOR_CONTAINERS);
  const imported = await importContainer(engine, source.open, options);
  const { id } = imported.container.config;
  const report = await reporting({ id }, () =>
    withContainerLock(engine, id, (container) => restoreLocked(engine, container, { options, imported, source })),
  );
  if (report.error !== undefined) await imported.discard();
  return report;
}

export interface Restore {
  readonly options: RestoreOptions;
  readonly imported?: ImportedContainer;
  readonly source?: CheckpointSource;
}

async function restoreLocked(engine: Engine, stale: Container, restore: Restore): Promise<Partial<RestoreReport>> {
  const { options, imported } = restore;
  const criu = requireCriu(CRIU_FOR_CONTAINERS);
  requireRuntimeSupport(engine.runtime(stale.config.runtime));
  const container = await refreshLocked(engine, stale);
  const { config, state } = container;
  requireRestorable(container);
  await unpackSources(engine, config, restore);
  requireComplete(config);
  await startDependencies(engine, container);
  const begun = performance.now();
  // The addresses of this one run: those of the checkpoint, unless there is to be a second such container.
  const forgetful = withoutFixedAddresses(engine, config, options);
  const settled = { config: options.name === undefined ? withOldAddresses(forgetful, options) : forgetful, state };
  const ready = await initContainer(engine, settled, {
    restore: {
      imagePath: `${config.staticDir}/${PARTS.images}`,
      flags: restoreFlags(options),
      adaptSpec: (spec) => (imported === undefined ? spec : adaptSpec(spec, imported.spec)),
      prepare: (rootfs) => bringBackFiles(engine, config, { restore, rootfs }),
    },
  }).catch((error: unknown) => {
    throw failure(config, criu, error);
  });
  const runtimeDuration = Math.round((performance.now() - begun) * 1000);
  const statistics = options.statistics === true ? readRestoreStats(`${config.staticDir}/${PARTS.restoreStats}`) : undefined;
  const now = timestamp();
  engine.state.containers.setState(config.id, {
    ...ready.state,
    startedAt: state.startedAt === "" ? now : state.startedAt,
    restoredAt: now,
    checkpointedAt: undefined,
    ...(options.keep === true
      ? { restoreLog: `${config.staticDir}/${PARTS.restoreLog}` }
      : { checkpointPath: undefined, checkpointLog: undefined }),
  });
  engine.events.write(containerEvent(config, "restore"));
  if (options.keep !== true) removeCheckpoint(config);
  return { runtimeDuration, ...(statistics === undefined ? {} : { statistics }) };
}

function requireRestorable({ config, state }: Container): void {
  if (config.idMappings !== undefined)
    throw new ToolError("unsupported", `container ${config.id} has a user namespace of its own: it cannot be restored`);
  if (["configured", "exited", "stopped"].includes(state.status)) return;
  throw new ToolError("invalid-state", `container ${config.id} is ${shownStatus(state.status)}, cannot restore: container state improper`);
}

async function unpackSources(engine: Engine, config: ContainerConfig, { options, source }: Restore): Promise<void> {
  mkdirSync(config.staticDir, { recursive: true, mode: 0o700 });
  if (options.importPrevious !== undefined) await unpackArchive(engine.sys, fileStream(options.importPrevious), config.staticDir);
  if (source !== undefined) await unpackArchive(engine.sys, source.open(), config.staticDir);
  for (const name of [PARTS.config, PARTS.spec]) rmSync(`${config.staticDir}/${name}`, { force: true });
}

/** A directory without criu's list of images is no checkpoint, or only the first half of one. */
function requireComplete({ staticDir }: ContainerConfig): void {
  const inventory = `${staticDir}/${PARTS.images}/inventory.img`;
  if (existsSync(inventory)) return;
  throw new ToolError(
    "not-found",
    `a complete checkpoint for this container cannot be found, cannot restore: stat ${inventory}: no such file or directory`,
    { exitCode: 125 },
  );
}

function restoreFlags(options: RestoreOptions): string[] {
  return [
    ...(options.tcpEstablished === true ? ["--tcp-established"] : []),
    ...(options.tcpClose === true ? ["--tcp-close"] : []),
    ...(options.fileLocks === true ? ["--file-locks"] : []),
  ];
}

function failure({ id, staticDir }: ContainerConfig, criu: number, cause: unknown): unknown {
  const reason = firstCriuError(`${staticDir}/${PARTS.restoreLog}`);
  if (reason === undefined) return cause;
  return new ToolError("unavailable", `restoring container ${id} with CRIU ${criuVersionText(criu)}: ${reason}`, {
    cause,
    code: "restore-failed",
    exitCode: 125,
  });
}

function removeCheckpoint({ staticDir }: ContainerConfig): void {
  const { config: _, spec: __, images, preDump, volumes, ...files } = PARTS;
  for (const name of [images, preDump, volumes, ...Object.values(files)]) rmSync(`${staticDir}/${name}`, { recursive: true, force: true });
}
