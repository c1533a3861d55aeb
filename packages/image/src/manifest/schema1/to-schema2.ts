import { sha256 } from "@containers/common/digest/digest";
import { buildDockerManifest } from "../docker-schema2.ts";
import { goJson, sortKeys } from "../go-json.ts";
import { DOCKER_CONFIG, DOCKER_LAYER_GZIP } from "../media-types.ts";
import { reencodeConfig } from "./old-config.ts";
import type { Schema1 } from "./schema1.ts";

/** What only the layers themselves can tell. */
export interface LayerFacts {
  readonly size: number;
  readonly diffId: string;
}

/** Go's time where none is told. */
const NO_TIME = "0001-01-01T00:00:00Z";

/** The layers that change something, base first. */
export function changingLayers(manifest: Schema1): readonly string[] {
  return baseFirst(manifest)
    .filter(({ history }) => !history.throwaway)
    .map(({ digest }) => digest);
}

/** The image in Docker's second schema; `facts` are of {@link changingLayers}, in their order. */
export function toSchema2(manifest: Schema1, facts: readonly LayerFacts[]): { readonly manifest: Uint8Array; readonly config: Uint8Array } {
  const config = schema2Config(
    manifest,
    facts.map(({ diffId }) => diffId),
  );
  const layers = changingLayers(manifest).map((digest, index) => ({
    mediaType: DOCKER_LAYER_GZIP,
    digest,
    size: facts[index]?.size ?? 0,
  }));
  const descriptor = { mediaType: DOCKER_CONFIG, digest: sha256(config), size: config.length };
  return { config, manifest: buildDockerManifest({ config: descriptor, layers }) };
}

/** The config that the history holds, with diff ids, bytes as the original makes them: the image id is their digest. */
export function schema2Config(manifest: Schema1, diffIds: readonly string[]): Uint8Array {
  const top = JSON.parse(manifest.layers[0]?.v1Compatibility ?? "{}") as Readonly<Record<string, unknown>>;
  const {
    id: _id,
    parent: _parent,
    parent_id: _parentId,
    layer_id: _layerId,
    throwaway: _throwaway,
    Size: _size,
    ...kept
  } = reencodeConfig(top);
  const history = baseFirst(manifest).map(({ history: entry }) => ({
    created: entry.created === "" ? NO_TIME : entry.created,
    author: entry.author || undefined,
    created_by: (entry.container_config?.Cmd ?? []).join(" ") || undefined,
    comment: entry.comment || undefined,
    empty_layer: entry.throwaway ? true : undefined,
  }));
  const rootfs = { type: "layers", diff_ids: diffIds.length === 0 ? undefined : diffIds };
  return new TextEncoder().encode(goJson(sortKeys<unknown>({ ...kept, rootfs, history })));
}

function baseFirst(manifest: Schema1): Schema1["layers"] {
  return manifest.layers.toReversed();
}
