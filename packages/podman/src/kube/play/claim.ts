import { createReadStream, statSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { createVolume } from "../../volumes/create.ts";
import { volumeAnnotations } from "../volume-annotations.ts";

/** Makes the volume that a PersistentVolumeClaim stands for, unless it is there. Returns its name. */
export async function playClaim(
  engine: Engine,
  metadata: {
    readonly name: string | undefined;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  },
): Promise<string> {
  const { name = "", labels, annotations } = metadata;
  if (name.trim() === "") throw new ToolError("invalid-argument", "persistent volume claim name can not be empty");
  const archive = annotations[volumeAnnotations.importSource];
  if (archive !== undefined) requireArchive(archive);
  const isNew = engine.state.volumes.get(name) === undefined;
  const uid = idOf("uid", annotations[volumeAnnotations.uid]);
  const gid = idOf("gid", annotations[volumeAnnotations.gid]);
  const option = (key: string, value: string | undefined): Record<string, string> => (value === undefined ? {} : { [key]: value });
  const volume = await createVolume(engine, {
    name,
    labels,
    driver: annotations[volumeAnnotations.driver] ?? "local",
    options: {
      ...option("device", annotations[volumeAnnotations.device]),
      ...option("type", annotations[volumeAnnotations.type]),
      ...option("o", annotations[volumeAnnotations.mountOptions]),
      ...option("image", annotations[volumeAnnotations.image]),
    },
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
    ignore: true,
  });
  if (archive !== undefined) await fill(engine, { name, archive, isNew });
  return volume.name;
}

function requireArchive(path: string): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined)
    throw new ToolError("not-found", `open ${path}: no such file or directory`, { exitCode: 125 });
}

/** What could not be filled is not left behind half full. */
async function fill(engine: Engine, volume: { readonly name: string; readonly archive: string; readonly isNew: boolean }): Promise<void> {
  const { importVolume } = await import("../../volumes/transfer.ts");
  try {
    await importVolume(engine, volume.name, createReadStream(volume.archive));
  } catch (error) {
    const { removeVolumes } = await import("../../volumes/remove.ts");
    if (volume.isNew) await removeVolumes(engine, [volume.name], { force: true });
    throw error;
  }
}

function idOf(kind: "uid" | "gid", text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new ToolError("invalid-argument", `cannot convert ${kind} ${text} to integer`);
  return Number(text);
}
