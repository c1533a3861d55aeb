import { createReadStream, statSync } from "node:fs";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { sha256 } from "@containers/common/digest/digest";
import { hashingStream } from "@containers/common/digest/verifying-stream";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import type { LayerRecord, Store } from "@containers/storage/store";
import { goJsonBytes, sortKeys } from "../manifest/go-json.ts";
import { OCI_CONFIG, OCI_MANIFEST } from "../manifest/media-types.ts";
import { applyChanges } from "./changes.ts";
import type { OciRunConfig } from "./image-config.ts";
import type { LocalImages } from "./local-images.ts";
import { normalizeName } from "./normalize-name.ts";
import { machinePlatform } from "./platform.ts";

export interface ImportOptions {
  /** Containerfile-like instructions for the configuration. */
  readonly changes?: readonly string[];
  /** The comment of the one entry of history. */
  readonly message?: string;
  /** A name for the image. */
  readonly name?: string;
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** Where the tar comes from: a path, an http(s) URL, or a stream that is open already (standard input). */
export type ImportSource = string | ByteStream;

/**
 * Makes an image of one layer out of a tar of a root file system, compressed or not.
 *
 * @returns the id of the image, 64 hexadecimal digits
 * @throws not-found for a missing file, corrupt for something that is no tar, invalid-argument for a bad change or name
 */
export async function importImage(images: LocalImages, source: ImportSource, options: ImportOptions = {}): Promise<string> {
  const config = applyChanges({}, options.changes ?? []);
  const name = options.name === undefined || options.name === "" ? undefined : normalizeName(options.name).toString();
  const tar = await openSource(images, source);
  const hashing = hashingStream(tar.stream);
  const layer = await images.store.layers.put({}, hashing.stream);
  const blob = { digest: hashing.digest(), size: hashing.size() };
  return storeImage(images.store, { layer, blob, config, name, created: tar.modified, options });
}

async function openSource(images: LocalImages, source: ImportSource): Promise<{ stream: ByteStream; modified: string }> {
  const now = timestamp(BigInt(Date.now()) * 1_000_000n);
  if (typeof source !== "string") return { stream: source, modified: now };
  if (/^https?:\/\//.test(source)) {
    const response = await httpRequest(source, { redirect: "follow", signal: images.signal });
    if (response.status !== 200) {
      await response.discard();
      throw new ToolError("unavailable", `downloading ${source}: the server answered with status ${response.status}`);
    }
    return { stream: response.stream(), modified: now };
  }
  try {
    return {
      modified: timestamp(statSync(source, { bigint: true }).mtimeNs),
      stream: createReadStream(source, { highWaterMark: 1 << 20 }),
    };
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    if (missing) throw new ToolError("not-found", `error opening "${source}": open ${source}: no such file or directory`);
    throw wrapError(`error opening "${source}"`, error);
  }
}

/** RFC 3339 in UTC with as many digits as there are, as Go writes it. */
function timestamp(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds % 1_000_000_000n)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${seconds}${fraction === "" ? "" : `.${fraction}`}Z`;
}

interface NewImage {
  readonly layer: LayerRecord;
  readonly blob: { readonly digest: string; readonly size: number };
  readonly config: OciRunConfig;
  readonly name?: string;
  /** RFC 3339. */
  readonly created: string;
  readonly options: ImportOptions;
}

function storeImage(store: Store, image: NewImage): string {
  const config = goJsonBytes(configJson(image));
  const configDigest = sha256(config);
  const id = configDigest.slice("sha256:".length);
  const manifest = goJsonBytes({
    schemaVersion: 2,
    mediaType: OCI_MANIFEST,
    config: { mediaType: OCI_CONFIG, digest: configDigest, size: config.length },
    layers: [{ mediaType: layerMediaType(image), digest: image.blob.digest, size: image.blob.size }],
  });
  const digest = sha256(manifest);
  if (store.images.get(id) === undefined) {
    store.images.create({
      id,
      layer: image.layer.id,
      names: image.name === undefined ? [] : [image.name],
      metadata: "{}",
      created: new Date(image.created),
      digest,
      bigData: [
        { key: configDigest, data: config },
        { key: `manifest-${digest}`, data: manifest, digest },
        { key: "manifest", data: manifest, digest },
      ],
    });
  } else if (image.name !== undefined) store.images.addNames(id, [image.name]);
  return id;
}

/** The fields in the order of the OCI specification's Go types, as the original writes them. */
function configJson(image: NewImage): object {
  const { config, created, options, layer } = image;
  const diffId = layer.diffDigest ?? image.blob.digest;
  const platform = machinePlatform();
  return {
    created,
    architecture: options.architecture || platform.architecture,
    os: options.os || platform.os,
    variant: options.variant || undefined,
    config: {
      User: config.User,
      ExposedPorts: sorted(config.ExposedPorts),
      Env: config.Env,
      Entrypoint: config.Entrypoint,
      Cmd: config.Cmd,
      Volumes: sorted(config.Volumes),
      WorkingDir: config.WorkingDir,
      Labels: sorted(config.Labels),
      StopSignal: config.StopSignal,
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [
      {
        created,
        created_by: `/bin/sh -c #(nop) ADD file:${diffId.slice("sha256:".length)} in /`,
        comment: options.message || "imported from tarball",
      },
    ],
  };
}

function sorted<T>(record: Readonly<Record<string, T>> | undefined): Readonly<Record<string, T>> | undefined {
  return record === undefined ? undefined : sortKeys(record);
}

/** containers/storage numbers compressions: 0 none, 2 gzip, 4 zstd; what OCI has no word for is called gzip, as the original does. */
function layerMediaType(image: NewImage): string {
  const base = "application/vnd.oci.image.layer.v1.tar";
  if (image.layer.diffDigest === image.blob.digest) return base;
  return `${base}+${image.layer.compression === 4 ? "zstd" : "gzip"}`;
}
