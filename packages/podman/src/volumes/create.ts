import { chownSync, mkdirSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { newId } from "../containers/creation/new-id.ts";
import { timestamp } from "../containers/timestamp.ts";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";
import { type SettledVolumeOptions, settleVolumeOptions } from "./volume-options.ts";

export interface CreateVolumeOptions {
  /** Absent: 64 random hex digits. */
  readonly name?: string;
  readonly driver?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** Options of the driver, as `-o` has them. */
  readonly options?: Readonly<Record<string, string>>;
  readonly anonymous?: boolean;
  /** A volume of that name is no error: it is returned. */
  readonly ignore?: boolean;
  readonly uid?: number;
  readonly gid?: number;
  /** The plugin has it: only the record is made. */
  readonly inPluginAlready?: boolean;
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

type Ports = Pick<Engine, "state" | "paths" | "events" | "store" | "images" | "config">;

/**
 * Makes a volume and its record: a directory below the volumes directory, a layer on an image, or a volume of a plugin's.
 * @throws already-exists, invalid-argument for a bad name or option, not-found for a plugin that is not configured
 */
export async function createVolume(engine: Ports, options: CreateVolumeOptions = {}): Promise<VolumeRecord> {
  const name = options.name ?? newId();
  if (!NAME.test(name)) {
    throw new ToolError("invalid-argument", `running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
  }
  const existing = engine.state.volumes.get(name);
  if (existing !== undefined) return existingVolume(existing, options);
  const settled = settleVolumeOptions(options.driver || "local", options.options ?? {});
  const record = await furnish(engine, newRecord(engine, { ...options, name, settled }), { ...options, limits: settled.limits });
  try {
    engine.state.volumes.insert(record);
  } catch (error) {
    // Somebody else was faster, and then the directory is theirs.
    const winner = engine.state.volumes.get(name);
    if (winner === undefined && record.driver === "local") rmSync(dirname(record.mountPoint), { recursive: true, force: true });
    if (winner !== undefined) return existingVolume(winner, options);
    throw error;
  }
  engine.events.write({ type: "volume", status: "create", name });
  return record;
}

function existingVolume(existing: VolumeRecord, options: CreateVolumeOptions): VolumeRecord {
  if (options.ignore === true) return existing;
  throw new ToolError("already-exists", `volume with name ${existing.name} already exists: volume already exists`);
}

function newRecord(
  engine: Ports,
  options: CreateVolumeOptions & { readonly name: string; readonly settled: SettledVolumeOptions },
): VolumeRecord {
  const { settled } = options;
  const uid = options.uid ?? settled.uid;
  const gid = options.gid ?? settled.gid;
  return {
    name: options.name,
    driver: options.driver || "local",
    mountPoint: `${engine.paths.volumesDir}/${options.name}/_data`,
    createdAt: timestamp(),
    labels: options.labels ?? {},
    options: settled.options,
    anonymous: options.anonymous ?? false,
    uid: uid ?? 0,
    gid: gid ?? 0,
    needsCopyUp: true,
    needsChown: uid === undefined && gid === undefined,
    ...timeoutOf(engine, options.driver, settled),
  };
}

/** What a plugin is given to answer belongs to the volume from its making on. */
function timeoutOf({ config }: Ports, driver: string | undefined, { timeout }: SettledVolumeOptions): Pick<VolumeRecord, "timeout"> {
  const isOwn = !driver || driver === "local" || driver === "image";
  const seconds = timeout ?? (isOwn ? undefined : config.engine.volumePluginTimeout);
  return seconds === undefined ? {} : { timeout: seconds };
}

/** Makes what the record stands for. */
async function furnish(
  engine: Ports,
  record: VolumeRecord,
  options: CreateVolumeOptions & Pick<SettledVolumeOptions, "limits">,
): Promise<VolumeRecord> {
  if (record.driver !== "local" && record.driver !== "image") {
    const { createInPlugin } = await import("./plugin.ts");
    if (options.inPluginAlready !== true) await createInPlugin(engine, record);
    return { ...record, mountPoint: "" };
  }
  const made = record.driver === "image" ? await onImage(engine, record) : record;
  const directory = dirname(record.mountPoint);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (options.limits !== undefined && (options.limits.bytes > 0 || options.limits.inodes > 0)) {
    const { limitVolume } = await import("./limit-volume.ts");
    limitVolume(directory, options.limits);
  }
  mkdirSync(record.mountPoint, { recursive: true, mode: 0o755 });
  for (const path of [directory, record.mountPoint]) chownSync(path, record.uid, record.gid);
  return made;
}

/** The volume's files are a container of the store, whose name no container can have. */
async function onImage(engine: Ports, record: VolumeRecord): Promise<VolumeRecord> {
  const name = record.options["image"] ?? "";
  const { resolveLocalImage } = await import("@containers/image/local-images/resolve-name");
  const found = resolveLocalImage(engine.images, name);
  if (found === undefined)
    throw new ToolError("not-found", `looking up image ${name} to create volume failed: ${name}: image not known`, { exitCode: 125 });
  const storageId = newId();
  engine.store.containers.create({ id: storageId, names: [`${record.name}+volume`], image: found.image.id, metadata: "{}" });
  return { ...record, storageId };
}
