import { sha256 } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { goArchitecture } from "@containers/common/security/seccomp";
import { applyChanges } from "@containers/image/local-images/changes";
import { type OciHistory, type OciRunConfig, parseRunConfig, readImageConfig } from "@containers/image/local-images/image-config";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { overrideRunConfig } from "@containers/image/local-images/override-run-config";
import { storeImage } from "@containers/image/local-images/store-image";
import { goJsonBytes, sortKeys } from "@containers/image/manifest/go-json";
import { DOCKER_CONFIG, DOCKER_LAYER, DOCKER_MANIFEST, OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import type { LayerRecord, Store } from "@containers/storage/store";
import type { Engine } from "../engine/engine.ts";
import { resolveContainer, withContainerLock } from "../locks/with-container-lock.ts";
import type { Container, ContainerConfig } from "./config.ts";
import { containerEvent } from "./container-event.ts";
import { refreshLocked } from "./lifecycle/refresh.ts";
import type { CommitOptions } from "./options.ts";
import { timestamp } from "./timestamp.ts";

/** Makes an image of a container as it is now; a running one is paused meanwhile unless told. Returns the image's id. */
export async function commitContainer(engine: Engine, reference: string, options: CommitOptions = {}): Promise<string> {
  const format = options.format ?? "oci";
  if (format === "oci" && options.message !== undefined && options.message !== "") {
    throw new ToolError("invalid-argument", "messages are only compatible with the docker image format (-f docker)");
  }
  const name = options.name === undefined || options.name === "" ? undefined : normalizeName(options.name).toString();
  const { config } = resolveContainer(engine, reference);
  return withContainerLock(engine, config.id, async (stale) => {
    const container = await refreshLocked(engine, stale);
    const layer = await whilePaused(engine, container, options.pause ?? false, () =>
      storeLayer(engine.store, config, options.squash ?? false),
    );
    const id = writeImage(engine.store, { config, layer, options, format, ...(name === undefined ? {} : { name }) });
    engine.events.write(containerEvent(config, "commit"));
    return id;
  });
}

interface ImageParts {
  readonly config: ContainerConfig;
  readonly layer: LayerRecord;
  readonly options: CommitOptions;
  readonly format: "oci" | "docker";
  readonly name?: string;
}

async function whilePaused<T>(engine: Engine, { config, state }: Container, wanted: boolean, body: () => Promise<T>): Promise<T> {
  if (!wanted || state.status !== "running") return body();
  const runtime = engine.runtime(config.runtime);
  await runtime.pause(config.id);
  try {
    return await body();
  } finally {
    await runtime.resume(config.id);
  }
}

async function storeLayer(store: Store, config: ContainerConfig, squash: boolean): Promise<LayerRecord> {
  const record = store.containers.get(config.id);
  if (record === undefined) throw new ToolError("not-found", `container ${config.id} is not in the store`);
  const parent = squash ? undefined : imageLayer(store, record.layer);
  return store.layers.put(parent === undefined ? {} : { parent }, store.layers.diff(record.layer, squash ? { parent: "" } : undefined));
}

/** What the container stands on. That may be a copy of its image's layer with other owners, on which no image can stand. */
function imageLayer(store: Store, layer: string): string | undefined {
  const parent = store.layers.get(store.layers.get(layer)?.parent ?? "");
  const isCopy = (parent?.uidMap ?? []).length > 0 || (parent?.gidMap ?? []).length > 0;
  return isCopy ? parent?.parent : parent?.id;
}

function writeImage(store: Store, parts: ImageParts): string {
  const { layer, format } = parts;
  const created = timestamp();
  const layers = layerChain(store, layer);
  const types =
    format === "oci"
      ? { manifest: OCI_MANIFEST, config: OCI_CONFIG, layer: OCI_LAYER }
      : { manifest: DOCKER_MANIFEST, config: DOCKER_CONFIG, layer: DOCKER_LAYER };
  const configBytes = goJsonBytes(imageConfig(store, parts, { created, diffIds: layers.map(({ diffDigest }) => diffDigest ?? "") }));
  const report = parts.options.report ?? (() => undefined);
  report("Getting image source signatures");
  for (const { diffDigest } of layers) report(`Copying blob ${diffDigest}`);
  report(`Copying config ${sha256(configBytes)}`);
  report("Writing manifest to image destination");
  return storeImage(store, {
    config: configBytes,
    configType: types.config,
    manifest: {
      mediaType: types.manifest,
      layers: layers.map(({ diffDigest, diffSize }) => ({ mediaType: types.layer, digest: diffDigest, size: diffSize })),
      ...(format === "oci" ? { annotations: { "org.opencontainers.image.created": created } } : {}),
    },
    names: parts.name === undefined ? [] : [parts.name],
    layer: layer.id,
    created: new Date(created),
  });
}

function imageConfig(store: Store, parts: ImageParts, made: { readonly created: string; readonly diffIds: readonly string[] }): object {
  const { config, options } = parts;
  const base = config.imageId === "" ? undefined : readImageConfig(store, config.imageId);
  const own: OciHistory = {
    created: made.created,
    created_by: config.process[0] ?? "",
    ...(options.author ? { author: options.author } : {}),
    ...historyComment(config, options),
  };
  const run = changedConfig(config, options);
  return {
    created: made.created,
    author: options.author || base?.author,
    ...(parts.format === "docker" && options.message ? { comment: options.message } : {}),
    architecture: base?.architecture ?? goArchitecture(process.arch),
    os: base?.os ?? "linux",
    variant: base?.variant,
    config: {
      User: run.User || undefined,
      ExposedPorts: sorted(run.ExposedPorts),
      Env: run.Env,
      Entrypoint: run.Entrypoint?.length === 0 ? undefined : run.Entrypoint,
      Cmd: run.Cmd,
      Volumes: sorted(run.Volumes),
      WorkingDir: run.WorkingDir || undefined,
      Labels: sorted(run.Labels),
      StopSignal: run.StopSignal,
    },
    rootfs: { type: "layers", diff_ids: made.diffIds },
    history: [...(options.squash === true ? [] : (base?.history ?? [])), own],
  };
}

/** The container's configuration with what the user wants different; where there is anything, it says what stops it too. */
function changedConfig(config: ContainerConfig, options: CommitOptions): OciRunConfig {
  const own = runConfig(config, options);
  if (options.override === undefined) return applyChanges(own, options.changes ?? []);
  const over = applyChanges(parseRunConfig(readJson(options.override)), options.changes ?? []);
  return overrideRunConfig(own, over);
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrapError("parsing override configuration", error);
  }
}

function historyComment(config: ContainerConfig, options: CommitOptions): { readonly comment?: string } {
  if (options.message) return { comment: options.message };
  return config.imageName === "" ? {} : { comment: `FROM ${config.imageName}` };
}

/** What the container was made with is what containers of the new image start with. */
function runConfig(config: ContainerConfig, options: CommitOptions): OciRunConfig {
  const ports = config.network.ports.map((port) => `${port.container_port}/${port.protocol}`);
  const exposed = [...new Set([...config.network.exposed, ...ports])];
  const volumes =
    options.includeVolumes === true
      ? config.mounts.filter(({ type }) => type === "volume" || type === "bind")
      : config.mounts.filter((mount) => mount.type === "volume" && mount.anonymous);
  return {
    User: config.user,
    Env: config.env,
    WorkingDir: config.workdir,
    Labels: config.labels,
    ...(config.entrypoint.length > 0 ? { Entrypoint: config.entrypoint } : {}),
    ...(config.command.length > 0 ? { Cmd: config.command } : {}),
    ...(exposed.length > 0 ? { ExposedPorts: Object.fromEntries(exposed.map((port) => [port, {}])) } : {}),
    ...(volumes.length > 0 ? { Volumes: Object.fromEntries(volumes.map(({ target }) => [target, {}])) } : {}),
  };
}

function sorted<T>(map: Readonly<Record<string, T>> | undefined): Record<string, T> | undefined {
  return map === undefined || Object.keys(map).length === 0 ? undefined : sortKeys(map);
}

function layerChain(store: Store, top: LayerRecord): LayerRecord[] {
  const chain = [top];
  for (let id = top.parent; id !== undefined && id !== ""; ) {
    const layer = store.layers.get(id);
    if (layer === undefined) throw new ToolError("corrupt", `layer ${id} of the image is missing`);
    chain.unshift(layer);
    id = layer.parent;
  }
  return chain;
}
