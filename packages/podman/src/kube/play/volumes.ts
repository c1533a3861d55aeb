import { closeSync, constants, fchmodSync, mkdirSync, openSync, statSync, writeSync } from "node:fs";
import { posix, resolve } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { mkdirAllInRoot, openInRoot } from "@containers/common/fs/open-in-root";
import { errnoCode } from "@containers/common/sys/sys-error";
import type { Engine } from "../../engine/engine.ts";
import { ensureVolume } from "../../volumes/ensure.ts";
import type { ConfigMap, KubeVolumeYaml } from "../schema/pod-schema.ts";
import { configMapContents } from "./config-maps.ts";
import { noSuchSecret, secretKeys } from "./secrets.ts";

/** Where the files of a pod's volume come from. */
export type PlayedVolume =
  | { readonly kind: "bind"; readonly path: string }
  | { readonly kind: "volume"; readonly name: string; readonly anonymous: boolean }
  | { readonly kind: "tmpfs" }
  | { readonly kind: "device"; readonly path: string }
  | { readonly kind: "image"; readonly reference: string; readonly pullPolicy: string | undefined }
  /** An optional map or secret that is not there: nothing is mounted. */
  | { readonly kind: "absent" };

type Ports = Pick<Engine, "sys" | "state" | "paths" | "events" | "config" | "store" | "images">;

/**
 * Makes a pod's volumes ready, by the names that its containers use: directories of the host, volumes with the keys of maps and secrets as files.
 * @throws ToolError naming the volume
 */
export async function playVolumes(
  engine: Ports,
  volumes: readonly KubeVolumeYaml[],
  configMaps: readonly ConfigMap[],
): Promise<ReadonlyMap<string, PlayedVolume>> {
  const played = new Map<string, PlayedVolume>();
  for (const volume of volumes) {
    try {
      played.set(volume.name, await playVolume(engine, volume, configMaps));
    } catch (error) {
      const { message, kind, exitCode } =
        error instanceof ToolError ? error : ({ message: String(error), kind: "invalid-argument", exitCode: undefined } as const);
      throw new ToolError(kind, `failed to create volume "${volume.name}": ${message}`, { cause: error, exitCode: exitCode ?? 125 });
    }
  }
  return played;
}

async function playVolume(engine: Ports, volume: KubeVolumeYaml, configMaps: readonly ConfigMap[]): Promise<PlayedVolume> {
  const { hostPath, persistentVolumeClaim, configMap, secret, emptyDir, image } = volume;
  if (hostPath !== undefined) return hostVolume(hostPath);
  if (persistentVolumeClaim !== undefined) return { kind: "volume", name: persistentVolumeClaim.claimName, anonymous: false };
  if (configMap !== undefined) return filesVolume(engine, { ...configMap, what: "configMap" }, mapContents(configMap, configMaps));
  if (secret !== undefined) {
    const { secretName: name } = secret;
    return filesVolume(engine, { ...secret, name, what: "secret" }, secretContents(engine, secret));
  }
  if (emptyDir !== undefined)
    return emptyDir.medium === "Memory" ? { kind: "tmpfs" } : { kind: "volume", name: volume.name, anonymous: true };
  if (image !== undefined) return { kind: "image", reference: image.reference ?? "", pullPolicy: image.pullPolicy };
  throw new ToolError(
    "invalid-argument",
    "HostPath, ConfigMap, EmptyDir, Secret, and PersistentVolumeClaim are currently the only supported VolumeSource",
  );
}

/** A path has a slash; what has none is the name of a volume. */
function hostVolume({ path, type }: { readonly path: string; readonly type?: string | undefined }): PlayedVolume {
  switch (type) {
    case "DirectoryOrCreate":
      mkdirSync(path, { recursive: true, mode: 0o755 });
      break;
    case "FileOrCreate":
      closeSync(openSync(path, constants.O_RDONLY | constants.O_CREAT, 0o644));
      break;
    case "Socket":
      if (!statOf(path, "Socket").isSocket())
        throw new ToolError("invalid-argument", `checking HostPathSocket: path ${path} is not a socket`);
      break;
    case "BlockDevice":
      if (!statOf(path, "BlockDevice").isBlockDevice())
        throw new ToolError("invalid-argument", `checking HostPathDevice: path ${path} is not a block device`);
      return { kind: "device", path };
    case "CharDevice":
      if (!statOf(path, "CharDevice").isCharacterDevice())
        throw new ToolError("invalid-argument", `checking HostPathCharDevice: path ${path} is not a character device`);
      return { kind: "device", path };
    case undefined:
    case "":
    case "Directory":
    case "File":
      break;
    default:
      throw new ToolError("invalid-argument", `invalid HostPath type ${type}`);
  }
  if (!path.includes("/")) return { kind: "volume", name: path, anonymous: false };
  const absolute = resolve(path);
  try {
    statSync(absolute);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    throw new ToolError("not-found", `in parsing HostPath in YAML: lstat ${path}: no such file or directory`, { exitCode: 125 });
  }
  return { kind: "bind", path: absolute };
}

function statOf(path: string, kind: string) {
  try {
    return statSync(path);
  } catch (error) {
    if (errnoCode(error) !== "ENOENT") throw error;
    throw new ToolError("not-found", `checking HostPath${kind}: stat ${path}: no such file or directory`, { exitCode: 125 });
  }
}

interface FilesVolume {
  readonly name?: string | undefined;
  readonly items: ReadonlyArray<{ readonly key: string; readonly path: string }>;
  readonly defaultMode?: number | undefined;
  readonly what: "configMap" | "secret";
}

/** A volume that is called as the map or secret is, with a file for each key. */
async function filesVolume(engine: Ports, files: FilesVolume, contents: ReadonlyMap<string, Buffer> | undefined): Promise<PlayedVolume> {
  const { name = "", items, defaultMode = 0o644, what } = files;
  if (defaultMode < 0 || defaultMode > 0o777)
    throw new ToolError("invalid-argument", `invalid DefaultMode for ${what} "${name}": must be between 0000 and 0777`);
  if (contents === undefined) return { kind: "absent" };
  const { mountPoint } = await ensureVolume(engine, name);
  const chosen = items.length === 0 ? [...contents].map(([key, content]) => ({ path: key, content })) : chosenItems(items, contents);
  for (const { path, content } of chosen) writeInVolume(engine, mountPoint, { path, content, mode: defaultMode });
  return { kind: "volume", name, anonymous: false };
}

function chosenItems(items: FilesVolume["items"], contents: ReadonlyMap<string, Buffer>) {
  return items.flatMap(({ key, path }) => {
    const content = contents.get(key);
    return content === undefined ? [] : [{ path, content }];
  });
}

/** A container that has the volume may have put links there: the path never leaves it. */
function writeInVolume(
  { sys }: Pick<Engine, "sys">,
  root: string,
  file: { readonly path: string; readonly content: Buffer; readonly mode: number },
): void {
  mkdirAllInRoot(sys, root, posix.dirname(file.path));
  const fd = openInRoot(sys, root, file.path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, file.mode);
  try {
    for (let written = 0; written < file.content.length; ) written += writeSync(fd, file.content, written);
    fchmodSync(fd, file.mode);
  } finally {
    sys.close(fd);
  }
}

function mapContents(
  { name = "", optional }: { readonly name?: string | undefined; readonly optional?: boolean | undefined },
  configMaps: readonly ConfigMap[],
): ReadonlyMap<string, Buffer> | undefined {
  const map = configMaps.find(({ metadata }) => metadata.name === name);
  if (map !== undefined) return configMapContents(map);
  if (optional === true) return undefined;
  throw new ToolError("not-found", `no such ConfigMap "${name}"`, { exitCode: 125 });
}

function secretContents(
  engine: Pick<Engine, "paths">,
  { secretName = "", optional }: { readonly secretName?: string | undefined; readonly optional?: boolean | undefined },
): ReadonlyMap<string, Buffer> | undefined {
  const keys = secretKeys(engine, secretName);
  if (keys !== undefined || optional === true) return keys;
  throw noSuchSecret(secretName);
}
