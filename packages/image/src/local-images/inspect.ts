import { dirname } from "node:path";
import type { ImageRecord, LayerRecord, Store } from "@containers/storage/store";
import { splitName } from "../registries-conf/alias-name.ts";
import {
  type Healthcheck,
  manifestDigests,
  type OciHistory,
  type OciImageConfig,
  type OciRunConfig,
  readImageConfig,
} from "./image-config.ts";
import { imageSize, layersById } from "./image-size.ts";
import { readLayerTree } from "./layer-tree.ts";
import { repoDigests } from "./list.ts";
import type { LocalImages } from "./local-images.ts";
import { requireLocalImage } from "./resolve-name.ts";
import { readStoredManifest } from "./stored-manifest.ts";

/** What `image inspect` prints, key for key; undefined ones are left out of the JSON. */
export interface InspectedImage {
  readonly Id: string;
  readonly Digest: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Parent: string;
  readonly Comment: string;
  readonly Created: string | null;
  readonly Config: OciRunConfig;
  readonly Version: string;
  readonly Author: string;
  readonly Architecture: string;
  readonly Os: string;
  readonly Size: number;
  readonly VirtualSize: number;
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> };
  readonly RootFS: { readonly Type: string; readonly Layers: readonly string[] };
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Annotations: Readonly<Record<string, string>>;
  readonly ManifestType: string;
  readonly User: string;
  readonly History: readonly OciHistory[];
  readonly NamesHistory: readonly string[];
  readonly Healthcheck?: Healthcheck;
}

const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

/** @throws not-found; corrupt */
export async function inspectImage(images: Pick<LocalImages, "store" | "registry">, name: string): Promise<InspectedImage> {
  const { store } = images;
  const { image } = requireLocalImage(images, name);
  const config = readImageConfig(store, image.id);
  const manifest = readStoredManifest(store, image);
  const layers = layersById(store);
  const size = await imageSize(store, image, layers);
  const docker = manifest?.mediaType === dockerManifest;
  return {
    Id: image.id,
    Digest: image.digest ?? manifestDigests(image)[0] ?? "",
    RepoTags: image.names.filter((tag) => splitName(tag).tag !== undefined),
    RepoDigests: repoDigests(image),
    Parent: readLayerTree(store).parent(image)?.id ?? "",
    Comment: (docker ? config.comment : config.history[0]?.comment) ?? "",
    Created: config.created ?? null,
    Config: ociPart(config.config),
    Version: config.docker_version ?? "",
    Author: config.author ?? "",
    Architecture: config.architecture,
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: graphDriver(store, image, layers),
    RootFS: { Type: config.rootfs.type, Layers: config.rootfs.diff_ids },
    Labels: config.config.Labels ?? null,
    Annotations: manifest?.annotations ?? {},
    ManifestType: manifest?.mediaType ?? "",
    User: config.config.User ?? "",
    History: config.history,
    NamesHistory: image.namesHistory,
    Healthcheck: docker ? healthcheckOf(config) : undefined,
  };
}

/** The OCI fields in the order and with the omissions of the original's JSON. */
function ociPart(config: OciRunConfig): OciRunConfig {
  const full = <T extends object>(value: T | undefined): T | undefined =>
    value === undefined || Object.keys(value).length === 0 ? undefined : value;
  return {
    User: config.User || undefined,
    ExposedPorts: full(config.ExposedPorts),
    Env: full(config.Env),
    Entrypoint: full(config.Entrypoint),
    Cmd: full(config.Cmd),
    Volumes: full(config.Volumes),
    WorkingDir: config.WorkingDir || undefined,
    Labels: full(config.Labels),
    StopSignal: config.StopSignal || undefined,
    ArgsEscaped: config.ArgsEscaped,
  };
}

function healthcheckOf(config: OciImageConfig): Healthcheck | undefined {
  return config.config.Healthcheck;
}

/** Where the layers lie: the overlay directories of the top layer, `LowerDir` of the others from the top down. */
function graphDriver(store: Store, image: ImageRecord, layers: ReadonlyMap<string, LayerRecord>): InspectedImage["GraphDriver"] {
  if (image.layer === undefined) return { Name: store.driverName, Data: {} };
  if (store.driverName !== "overlay") return { Name: store.driverName, Data: {} };
  const lower: string[] = [];
  for (let id = layers.get(image.layer)?.parent; id !== undefined; id = layers.get(id)?.parent) lower.push(store.layers.diffPath(id));
  const upper = store.layers.diffPath(image.layer);
  const home = dirname(upper);
  const merged = store.layers.mountPoint(image.layer);
  return {
    Name: "overlay",
    Data: {
      ...(lower.length === 0 ? {} : { LowerDir: lower.join(":") }),
      ...(merged === undefined ? {} : { MergedDir: merged }),
      UpperDir: upper,
      WorkDir: `${home}/work`,
    },
  };
}
