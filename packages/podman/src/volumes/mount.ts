import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { ToolError } from "@containers/common/errors/tool-error";
import { callProgram } from "@containers/common/oci-runtime/call-program";
import { findExecutable } from "@containers/common/process/find-executable";
import { MNT_DETACH } from "@containers/common/sys/constants";
import type { ContainerConfig } from "../containers/config.ts";
import type { Engine } from "../engine/engine.ts";
import { bootId } from "../monitor/process-identity.ts";
import type { VolumeRecord } from "../state/state.ts";
import { isPluginVolume, needsMount, volumeLock, volumePath } from "./volume-path.ts";

type Ports = Pick<Engine, "state" | "store" | "locks" | "sys" | "config">;

/** Who mounts: a container by its id, or nobody in particular (`volume mount`), who may do it several times. */
const NOBODY = "";

/**
 * Mounts a volume for somebody and returns where its files are. What need not be mounted is only looked up; what is mounted already is not
 * mounted again, and a container that has it counts once.
 */
export async function mountVolume(engine: Ports, name: string, mounter: string = NOBODY): Promise<string> {
  return withVolume(engine, name, async (volume) => {
    if (!needsMount(volume)) return volume.mountPoint;
    const mounters = currentMounters(volume);
    const mounted = mounters.length > 0 ? volume : { ...volume, ...(await mountFiles(engine, volume)) };
    const next = mounter !== NOBODY && mounters.includes(mounter) ? mounters : [...mounters, mounter];
    engine.state.volumes.update({ ...mounted, mounters: next, mountBoot: bootId() });
    return volumePath(mounted);
  });
}

/** Takes one mount back, or all; the last one unmounts. What is not mounted is left as it is. */
export async function unmountVolume(
  engine: Ports,
  name: string,
  options: { readonly mounter?: string; readonly all?: boolean } = {},
): Promise<void> {
  await withVolume(engine, name, async (volume) => {
    const mounters = [...currentMounters(volume)];
    const index = mounters.indexOf(options.mounter ?? NOBODY);
    if (mounters.length === 0 || (index < 0 && options.all !== true)) return;
    if (index >= 0) mounters.splice(index, 1);
    const left = options.all === true ? [] : mounters;
    if (left.length === 0) await unmountFiles(engine, volume);
    const { mountedAt, ...rest } = volume;
    engine.state.volumes.update({ ...rest, ...(left.length === 0 || mountedAt === undefined ? {} : { mountedAt }), mounters: left });
  });
}

/** Mounts the volumes of a container that is about to run. */
export async function mountVolumesOf(engine: Ports, config: ContainerConfig): Promise<void> {
  for (const name of mountedVolumes(engine, config)) await mountVolume(engine, name, config.id);
}

/** The reverse; goes on after a failure and throws the first. */
export async function unmountVolumesOf(engine: Ports, config: ContainerConfig): Promise<void> {
  let failure: unknown;
  for (const name of mountedVolumes(engine, config)) {
    await unmountVolume(engine, name, { mounter: config.id }).catch((error: unknown) => {
      failure ??= error;
    });
  }
  if (failure !== undefined) throw failure;
}

function mountedVolumes(engine: Ports, { mounts }: ContainerConfig): Set<string> {
  const names = mounts.flatMap((mount) => (mount.type === "volume" ? [mount.name] : []));
  return new Set(
    names.filter((name) => {
      const volume = engine.state.volumes.get(name);
      return volume !== undefined && needsMount(volume);
    }),
  );
}

async function withVolume<T>(engine: Ports, name: string, deed: (volume: VolumeRecord) => Promise<T>): Promise<T> {
  let lock = engine.locks.tryAcquire(volumeLock(name));
  for (let pause = 1; lock === undefined; pause = Math.min(pause * 2, 20)) {
    await delay(pause);
    lock = engine.locks.tryAcquire(volumeLock(name));
  }
  try {
    const volume = engine.state.volumes.get(name);
    if (volume === undefined) throw new ToolError("not-found", `no volume with name "${name}" found: no such volume`, { exitCode: 125 });
    return await deed(volume);
  } finally {
    lock.release();
  }
}

/** A restart of the host has unmounted everything, whatever the record says. */
function currentMounters({ mounters = [], mountBoot }: VolumeRecord): readonly string[] {
  return mountBoot === bootId() ? mounters : [];
}

async function mountFiles(engine: Ports, volume: VolumeRecord): Promise<Partial<VolumeRecord>> {
  if (isPluginVolume(volume)) {
    const { mountInPlugin } = await import("./plugin.ts");
    return { mountedAt: await mountInPlugin(engine, volume) };
  }
  if (volume.storageId !== undefined) return { mountedAt: engine.store.containers.mount(volume.storageId) };
  if (!isMountPoint(volume.mountPoint)) callMount(volume);
  return {};
}

/** A podman that was killed may have left it mounted. */
function isMountPoint(path: string): boolean {
  const lines = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
  return lines.some((line) => (line.split(" ")[4] ?? "").replaceAll("\\040", " ") === path);
}

/** mount(8) knows helpers and options of file systems that the system call does not. */
function callMount({ name, options, mountPoint }: VolumeRecord): void {
  const program = findExecutable("mount");
  if (program === undefined) throw new ToolError("unavailable", "locating 'mount' binary", { hint: "install the package mount" });
  const { device, type, o } = options;
  const result = callProgram(program, [
    ...(o === undefined ? [] : ["-o", o]),
    ...(type === undefined || type === "" ? [] : type === "bind" ? ["-o", "bind"] : ["-t", type]),
    device || type || "none",
    mountPoint,
  ]);
  if (result.exitCode !== 0)
    throw new ToolError("unavailable", `mounting volume ${name}: ${(result.stderr || result.stdout).trim()}`, { exitCode: 126 });
}

async function unmountFiles(engine: Ports, volume: VolumeRecord): Promise<void> {
  if (isPluginVolume(volume)) {
    const { unmountInPlugin } = await import("./plugin.ts");
    await unmountInPlugin(engine, volume);
  } else if (volume.storageId !== undefined) engine.store.containers.unmount(volume.storageId);
  else if (isMountPoint(volume.mountPoint)) engine.sys.umount2(volume.mountPoint, MNT_DETACH);
}
