import type { VolumeRecord } from "../state/state.ts";
import { type CreateVolumeOptions, createVolume } from "./create.ts";

/** The volume of that name, made when there is none. */
export async function ensureVolume(
  engine: Parameters<typeof createVolume>[0],
  name: string,
  options: Omit<CreateVolumeOptions, "name"> = {},
): Promise<VolumeRecord> {
  return engine.state.volumes.get(name) ?? createVolume(engine, { ...options, name, ignore: true });
}
