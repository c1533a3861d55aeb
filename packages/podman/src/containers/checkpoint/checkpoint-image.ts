import { createReadStream } from "node:fs";
import { normalizeName } from "@containers/image/local-images/normalize-name";
import { machinePlatform } from "@containers/image/local-images/platform";
import { storeImage } from "@containers/image/local-images/store-image";
import { goJsonBytes } from "@containers/image/manifest/go-json";
import { OCI_CONFIG, OCI_LAYER, OCI_MANIFEST } from "@containers/image/manifest/media-types";
import type { ByteStream, Store } from "@containers/storage/store";
import type { Engine } from "../../engine/engine.ts";
import { systemInfo } from "../../system/info.ts";
import { podmanVersion } from "../../system/version.ts";
import type { ContainerConfig } from "../config.ts";
import { timestamp } from "../timestamp.ts";
import { CHECKPOINT_PREFIX, RUNTIME_ANNOTATION } from "./annotations.ts";
import { CRIU_FOR_CONTAINERS, requireCriu } from "./criu.ts";

/** Makes an image whose one layer is the checkpoint, with annotations that say where it was made. Returns its id. */
export async function makeCheckpointImage(
  engine: Engine,
  container: ContainerConfig,
  made: { readonly archive: string; readonly name: string },
): Promise<string> {
  const { store } = engine;
  const layer = await store.layers.put({}, createReadStream(made.archive, { highWaterMark: 1 << 20 }) as ByteStream);
  const created = timestamp();
  const platform = machinePlatform();
  const diffId = layer.diffDigest ?? "";
  const config = goJsonBytes({
    created,
    architecture: platform.architecture,
    os: platform.os,
    config: {},
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, created_by: "/bin/sh" }],
  });
  return storeImage(store, {
    config,
    configType: OCI_CONFIG,
    manifest: {
      mediaType: OCI_MANIFEST,
      layers: [{ mediaType: OCI_LAYER, digest: diffId, size: layer.diffSize }],
      annotations: await annotations(engine, container),
    },
    names: [normalizeName(made.name).toString()],
    layer: layer.id,
    created: new Date(created),
  });
}

async function annotations(engine: Engine, config: ContainerConfig): Promise<Record<string, string>> {
  const { host } = (await systemInfo(engine)) as {
    readonly host: {
      readonly arch: string;
      readonly kernel: string;
      readonly cgroupVersion: string;
      readonly conmon: { readonly version: string };
      readonly ociRuntime: { readonly version: string };
      readonly distribution: { readonly distribution?: string; readonly version?: string };
    };
  };
  const facts: Readonly<Record<string, string>> = {
    "cgroups.version": host.cgroupVersion,
    "conmon.version": host.conmon.version,
    "criu.version": String(requireCriu(CRIU_FOR_CONTAINERS)),
    "distribution.name": host.distribution.distribution ?? "unknown",
    "distribution.version": host.distribution.version ?? "unknown",
    "host.arch": host.arch,
    "host.kernel": host.kernel,
    name: config.name,
    "podman.version": podmanVersion,
    rawImageName: config.rawImageName,
    rootfsImageID: config.imageId,
    rootfsImageName: config.imageName,
    "runtime.name": config.runtime,
    "runtime.version": host.ociRuntime.version,
  };
  return Object.fromEntries(Object.entries(facts).map(([key, value]) => [`${CHECKPOINT_PREFIX}.${key}`, value]));
}

/** The name of the runtime that a checkpoint image was made with; undefined for an image that is no checkpoint. */
export function checkpointRuntime(store: Store, imageId: string): string | undefined {
  const bytes = store.images.bigData(imageId, "manifest");
  if (bytes === undefined) return undefined;
  const manifest: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
  if (typeof manifest !== "object" || manifest === null || !("annotations" in manifest)) return undefined;
  const found = new Map(Object.entries(manifest.annotations ?? {})).get(RUNTIME_ANNOTATION);
  return typeof found === "string" ? found : undefined;
}
