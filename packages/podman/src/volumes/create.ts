import { chownSync, mkdirSync, rmSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { newId } from "../containers/new-id.ts";
import { timestamp } from "../containers/timestamp.ts";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";

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
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/**
 * Makes a local volume: a directory below the volumes directory and its record.
 * @throws already-exists, invalid-argument for a bad name, unsupported for drivers and options that need mounting
 */
export async function createVolume(
  engine: Pick<Engine, "state" | "paths" | "events">,
  options: CreateVolumeOptions = {},
): Promise<VolumeRecord> {
  const name = options.name ?? newId();
  if (!NAME.test(name)) {
    throw new ToolError("invalid-argument", `running volume create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
  }
  const existing = engine.state.volumes.get(name);
  if (existing !== undefined) return existingVolume(existing, options);
  refuseUnsupported(name, options);
  const directory = `${engine.paths.volumesDir}/${name}`;
  const record = newRecord(`${directory}/_data`, { ...options, name });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  mkdirSync(record.mountPoint, { recursive: true, mode: 0o755 });
  chownSync(record.mountPoint, record.uid, record.gid);
  try {
    engine.state.volumes.insert(record);
  } catch (error) {
    // Somebody else was faster, and then the directory is theirs.
    const winner = engine.state.volumes.get(name);
    if (winner === undefined) rmSync(directory, { recursive: true, force: true });
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

function newRecord(mountPoint: string, options: CreateVolumeOptions & { readonly name: string }): VolumeRecord {
  const owned = options.uid !== undefined || options.gid !== undefined;
  return {
    name: options.name,
    driver: options.driver ?? "local",
    mountPoint,
    createdAt: timestamp(),
    labels: options.labels ?? {},
    options: options.options ?? {},
    anonymous: options.anonymous ?? false,
    uid: options.uid ?? 0,
    gid: options.gid ?? 0,
    mountCount: 0,
    needsCopyUp: options.options?.["nocopy"] === undefined,
    needsChown: !owned,
  };
}

function refuseUnsupported(name: string, { driver = "local", options = {} }: CreateVolumeOptions): void {
  if (driver === "image") throw new ToolError("unsupported", "volumes of the driver image are not supported yet");
  if (driver !== "local") {
    throw new ToolError(
      "not-found",
      `volume ${name} uses volume plugin ${driver} but it could not be retrieved: no volume plugin with name ${driver} available: required plugin missing`,
    );
  }
  for (const key of Object.keys(options)) {
    if (key === "nocopy" || key === "copy") continue;
    if (["type", "device", "o", "size", "inodes", "noquota"].includes(key))
      throw new ToolError("unsupported", `the volume option ${JSON.stringify(key)} is not supported yet`);
    throw new ToolError("invalid-argument", `invalid mount option ${JSON.stringify(key)} for driver 'local': invalid argument`);
  }
}
