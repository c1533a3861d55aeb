import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../../locks/with-container-lock.ts";
import { readExitFile } from "../../monitor/exit-file.ts";
import { isSameProcess } from "../../monitor/process-identity.ts";
import { volumePath } from "../../volumes/volume-path.ts";
import { containerChanges } from "../changes.ts";
import type { Container, ContainerConfig } from "../config.ts";
import { containerEvent } from "../container-event.ts";
import { packTree, writeStream } from "../copy/tar-files.ts";
import { cleanupLocked } from "../lifecycle/cleanup.ts";
import { takeLease } from "../lifecycle/exit-lease.ts";
import { refreshLocked } from "../lifecycle/refresh.ts";
import { requireDeed } from "../lifecycle/transitions.ts";
import { INITIAL_STATE } from "../state.ts";
import { timestamp } from "../timestamp.ts";
import { type ArchiveCompression, compressed, PARTS, packParts } from "./archive.ts";
import { makeCheckpointImage } from "./checkpoint-image.ts";
import { CRIU_FOR_CONTAINERS, criuVersionText, firstCriuError, requireCriu, requireRuntimeSupport } from "./criu.ts";
import { type DumpStats, readDumpStats } from "./criu-stats.ts";
import { saveRootChanges } from "./root-changes.ts";
import { toDump } from "./write-dump.ts";

export interface CheckpointOptions {
  /** Leave criu's logs and statistics. */
  readonly keep?: boolean;
  readonly leaveRunning?: boolean;
  readonly tcpEstablished?: boolean;
  readonly fileLocks?: boolean;
  /** Write an archive to this file. */
  readonly export?: string;
  readonly compression?: ArchiveCompression;
  readonly ignoreRootfs?: boolean;
  readonly ignoreVolumes?: boolean;
  /** Memory alone; the container goes on. */
  readonly preCheckpoint?: boolean;
  /** Only what has changed since the pre-checkpoint. */
  readonly withPrevious?: boolean;
  /** Make an image of this name. */
  readonly createImage?: string;
  /** Fill in {@link CheckpointReport.statistics}. */
  readonly statistics?: boolean;
}

export interface CheckpointReport {
  readonly reference: string;
  readonly id?: string;
  readonly error?: Error;
  /** Microseconds that the runtime took. */
  readonly runtimeDuration?: number;
  readonly statistics?: DumpStats;
}

/** Checkpoints running containers, one after the other. One report per target. */
export async function checkpointContainers(
  engine: Engine,
  references: readonly string[],
  options: CheckpointOptions = {},
): Promise<CheckpointReport[]> {
  const reports: CheckpointReport[] = [];
  for (const reference of references) reports.push(await checkpointOne(engine, reference, options));
  return reports;
}

async function checkpointOne(engine: Engine, reference: string, options: CheckpointOptions): Promise<CheckpointReport> {
  let id: string | undefined;
  try {
    const { config } = resolveContainer(engine, reference);
    id = config.id;
    // The monitor then leaves the clean-up to this podman.
    const lease = takeLease(engine, engine.state.containers.get(config.id)?.state ?? INITIAL_STATE);
    try {
      return {
        reference,
        id,
        ...(await withContainerLock(engine, config.id, (container) => checkpointLocked(engine, container, options))),
      };
    } finally {
      lease?.release();
    }
  } catch (error) {
    return { reference, ...(id === undefined ? {} : { id }), error: error instanceof Error ? error : new Error(String(error)) };
  }
}

type Measured = Pick<CheckpointReport, "runtimeDuration" | "statistics">;

async function checkpointLocked(engine: Engine, stale: Container, options: CheckpointOptions): Promise<Measured> {
  const criu = requireCriu(CRIU_FOR_CONTAINERS);
  requireRuntimeSupport(engine.runtime(stale.config.runtime));
  const container = await refreshLocked(engine, stale);
  const { config, state } = container;
  requireDeed("checkpoint", container);
  if (config.autoRemove && options.export === undefined)
    throw new ToolError("invalid-argument", "cannot checkpoint containers that have been started with '--rm' unless '--export' is used");
  if (options.export !== undefined || options.createImage !== undefined) requireNoDependencies(config);
  const runtimeDuration = await callRuntime(engine, config, { ...options, criu });
  await keepSurroundings(engine, container, options);
  engine.events.write(containerEvent(config, "checkpoint"));
  if (options.export !== undefined) await exportCheckpoint(engine, container, { ...options, export: options.export });
  else if (options.createImage !== undefined) await createImage(engine, container, { ...options, createImage: options.createImage });
  if (options.leaveRunning !== true && options.preCheckpoint !== true) await endRun(engine, container, options);
  else engine.state.containers.setState(config.id, { ...state, ...keptFiles(config, options) });
  const statistics = options.statistics === true ? readDumpStats(`${config.staticDir}/${PARTS.dumpStats}`) : undefined;
  if (options.keep !== true && options.preCheckpoint !== true) removeWork(config);
  return { runtimeDuration, ...(statistics === undefined ? {} : { statistics }) };
}

/** An archive is made for other machines, which do not have the others; a pod's infra container is replaced there. */
function requireNoDependencies({ dependencies, podId }: ContainerConfig): void {
  if (dependencies.length === 0 || (podId !== "" && dependencies.length === 1)) return;
  throw new ToolError("invalid-argument", "cannot export checkpoints of containers with dependencies");
}

async function callRuntime(
  engine: Engine,
  config: ContainerConfig,
  options: CheckpointOptions & { readonly criu: number },
): Promise<number> {
  if (config.idMappings !== undefined)
    throw new ToolError("unsupported", `container ${config.id} has a user namespace of its own: it cannot be checkpointed`);
  const { staticDir } = config;
  const imagePath = `${staticDir}/${options.preCheckpoint === true ? PARTS.preDump : PARTS.images}`;
  rmSync(imagePath, { recursive: true, force: true });
  mkdirSync(imagePath, { recursive: true, mode: 0o700 });
  rmSync(`${staticDir}/${PARTS.dumpLog}`, { force: true });
  const begun = performance.now();
  try {
    await engine.runtime(config.runtime).checkpoint(config.id, {
      imagePath,
      workPath: staticDir,
      leaveRunning: options.leaveRunning === true,
      tcpEstablished: options.tcpEstablished === true,
      fileLocks: options.fileLocks === true,
      preDump: options.preCheckpoint === true,
      ...(options.withPrevious === true ? { parentPath: `../${PARTS.preDump}` } : {}),
    });
  } catch (error) {
    throw failure(config, options.criu, error);
  }
  // criu notes the absolute path, which is another one wherever the archive goes.
  if (options.withPrevious === true) {
    rmSync(`${imagePath}/parent`, { force: true });
    symlinkSync(`../${PARTS.preDump}`, `${imagePath}/parent`);
  }
  return Math.round((performance.now() - begun) * 1000);
}

function failure({ id, staticDir }: ContainerConfig, criu: number, cause: unknown): ToolError {
  const log = `${staticDir}/${PARTS.dumpLog}`;
  const reason = firstCriuError(log);
  return new ToolError(
    "unavailable",
    `checkpointing container ${id} with CRIU ${criuVersionText(criu)}${reason === undefined ? "" : `: ${reason}`}`,
    {
      cause,
      code: "checkpoint-failed",
      exitCode: 125,
      hint: `${log} tells more; a criu that is older than the kernel often cannot do it: 4.0 or newer is needed with kernels from 6.10`,
    },
  );
}

/** What lies outside of the processes and is needed to restore them: /dev/shm and the addresses. */
async function keepSurroundings(engine: Engine, { config, state }: Container, options: CheckpointOptions): Promise<void> {
  if (options.preCheckpoint === true) return;
  const { ipc } = config.namespaces;
  if (ipc.kind === "shareable" && !config.mounts.some(({ target }) => target === "/dev/shm"))
    await writeStream(`${config.staticDir}/${PARTS.shm}`, packTree(engine.sys, `${config.staticDir}/shm`));
  writeFileSync(`${config.staticDir}/${PARTS.network}`, JSON.stringify(state.networkStatus ?? null, null, 2), { mode: 0o600 });
}

async function exportCheckpoint(
  engine: Engine,
  container: Container,
  options: CheckpointOptions & { readonly export: string },
): Promise<void> {
  const { config } = container;
  const { staticDir } = config;
  const spec = JSON.parse(readFileSync(`${staticDir}/config.json`, "utf8"));
  writeFileSync(`${staticDir}/${PARTS.config}`, JSON.stringify(toDump(config, spec)), { mode: 0o600 });
  writeFileSync(`${staticDir}/${PARTS.spec}`, readFileSync(`${staticDir}/config.json`), { mode: 0o600 });
  const made: string[] = [];
  try {
    if (options.ignoreRootfs !== true && config.rootfs === undefined) {
      const root = container.state.mountPoint ?? "";
      made.push(...(await saveRootChanges(engine.sys, await containerChanges(engine, config.id), { root, directory: staticDir })));
    }
    if (options.ignoreVolumes !== true) await saveVolumes(engine, config);
    const parts = [
      PARTS.shm,
      PARTS.config,
      PARTS.spec,
      PARTS.network,
      PARTS.dumpStats,
      "ctr.log",
      options.preCheckpoint === true ? PARTS.preDump : PARTS.images,
      ...made,
      PARTS.volumes,
    ];
    await writeStream(options.export, await compressed(packParts(engine.sys, staticDir, parts), options.compression ?? "zstd"));
  } finally {
    for (const name of [...made, PARTS.volumes]) rmSync(`${staticDir}/${name}`, { recursive: true, force: true });
  }
}

async function saveVolumes(engine: Engine, config: ContainerConfig): Promise<void> {
  const names = new Set(config.mounts.flatMap((mount) => (mount.type === "volume" ? [mount.name] : [])));
  for (const name of names) {
    const volume = engine.state.volumes.get(name);
    if (volume === undefined) continue;
    mkdirSync(`${config.staticDir}/${PARTS.volumes}`, { recursive: true, mode: 0o700 });
    await writeStream(`${config.staticDir}/${PARTS.volumes}/${name}.tar`, packTree(engine.sys, volumePath(volume)));
  }
}

async function createImage(
  engine: Engine,
  container: Container,
  options: CheckpointOptions & { readonly createImage: string },
): Promise<void> {
  const directory = mkdtempSync(`${process.env["TMPDIR"] ?? tmpdir()}/checkpoint-image-`);
  try {
    const archive = `${directory}/checkpoint.tar`;
    await exportCheckpoint(engine, container, { ...options, export: archive, compression: "none" });
    await makeCheckpointImage(engine, container.config, { archive, name: options.createImage });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** criu has ended the processes: what is left of the run goes too. */
async function endRun(engine: Engine, { config, state }: Container, options: CheckpointOptions): Promise<void> {
  // The monitor notes the end before it goes; a note that came later would be taken for the next run's.
  for (let waited = 0; waited < 2000 && isSameProcess(state.pid, state.pidStartTime); waited += 5) await delay(5);
  for (let waited = 0; waited < 1000 && readExitFile(engine.paths.exitsDir, config.id) === undefined; waited += 5) await delay(5);
  const now = timestamp();
  const ended = {
    ...state,
    status: "exited" as const,
    exitCode: 0,
    finishedAt: now,
    checkpointedAt: now,
    restoredAt: undefined,
    ...keptFiles(config, options),
  };
  engine.state.containers.setState(config.id, ended);
  await cleanupLocked(engine, { config, state: ended }, {});
}

function keptFiles(
  config: ContainerConfig,
  options: CheckpointOptions,
): { readonly checkpointPath: string; readonly checkpointLog?: string } {
  return {
    checkpointPath: `${config.staticDir}/${PARTS.images}`,
    ...(options.keep === true ? { checkpointLog: `${config.staticDir}/${PARTS.dumpLog}` } : {}),
  };
}

function removeWork(config: ContainerConfig): void {
  for (const name of [PARTS.dumpLog, PARTS.dumpStats, PARTS.config, PARTS.spec]) rmSync(`${config.staticDir}/${name}`, { force: true });
}
