import { createHash } from "node:crypto";
import { digestHex, isDigest } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import type { NamedReference } from "../../reference/reference.ts";
import { goJson, sortKeys } from "../go-json.ts";
import type { Descriptor } from "../manifest.ts";
import { layerCompressionOf } from "../media-types.ts";
import type { Schema1, Schema1Layer } from "./schema1.ts";

/** What stands for a layer that changes nothing: an empty tar, as Docker has always packed it. */
export const EMPTY_LAYER: Uint8Array = Uint8Array.from([
  31, 139, 8, 0, 0, 9, 110, 136, 0, 255, 98, 24, 5, 163, 96, 20, 140, 88, 0, 8, 0, 0, 255, 255, 46, 175, 181, 239, 0, 4, 0, 0,
]);
export const EMPTY_LAYER_DIGEST = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/**
 * An image in Docker's first schema, for the place of this name; where its history has entries without a layer, {@link EMPTY_LAYER} must be there too.
 *
 * @throws unsupported for an image without history, and for layers that the schema has no way to hold
 */
export function toSchema1(
  image: { readonly config: Uint8Array; readonly layers: readonly Descriptor[] },
  destination: NamedReference | undefined,
): Schema1 {
  const text = new TextDecoder().decode(image.config);
  const config = JSON.parse(text) as Readonly<Record<string, unknown>> & { readonly history?: readonly HistoryEntry[] | null };
  const history = config.history ?? [];
  if (history.length === 0)
    throw new ToolError(
      "unsupported",
      "Cannot convert an image with 0 history entries to application/vnd.docker.distribution.manifest.v1+prettyjws",
    );
  for (const { digest, mediaType } of image.layers)
    if (layerCompressionOf(mediaType) === "zstd")
      throw new ToolError(
        "unsupported",
        `preparing updated manifest, layer "${digest}": unsupported MIME type for compression: ${mediaType}`,
      );
  const layers = layersOf(history, image.layers);
  const top = layers[0];
  if (top !== undefined) layers[0] = withConfig(top, { config, text });
  const architecture = typeof config["architecture"] === "string" ? config["architecture"] : "";
  return { ...nameOf(destination), architecture, layers };
}

/** The name that a manifest carries for the place it is in. */
export function nameOf(reference: NamedReference | undefined): { readonly name: string; readonly tag: string } {
  return { name: reference?.path ?? "", tag: reference?.tag ?? "" };
}

function layersOf(history: readonly HistoryEntry[], blobs: readonly Descriptor[]): Schema1Layer[] {
  const layers: Schema1Layer[] = [];
  let next = 0;
  let parent = "";
  for (const entry of history) {
    const digest = entry.empty_layer === true ? EMPTY_LAYER_DIGEST : blobs[next++]?.digest;
    if (digest === undefined)
      throw new ToolError("corrupt", `Invalid image configuration, needs more than the ${blobs.length} distributed layers`);
    const id = layerId([digest, parent]);
    const v1 = {
      id,
      parent: parent || undefined,
      comment: entry.comment || undefined,
      created: entry.created ?? "0001-01-01T00:00:00Z",
      container_config: { Cmd: [entry.created_by ?? ""] },
      author: entry.author || undefined,
      throwaway: entry.empty_layer === true ? true : undefined,
    };
    layers.unshift({ digest, v1Compatibility: goJson(v1), history: asHistory({ ...v1, parent }) });
    parent = id;
  }
  return layers;
}

/** The top layer, whose history entry is the config itself. */
function withConfig(top: Schema1Layer, of: { readonly config: Readonly<Record<string, unknown>>; readonly text: string }): Schema1Layer {
  const { rootfs: _rootfs, history: _history, ...kept } = of.config;
  const { parent, throwaway } = top.history;
  const id = layerId([top.digest, parent, of.text]);
  const v1 = { ...kept, id, ...(parent === "" ? {} : { parent }), ...(throwaway ? { throwaway } : {}) };
  return { ...top, v1Compatibility: goJson(sortKeys(v1)), history: { ...top.history, id } };
}

/** As Docker makes them. */
function layerId([digest = "", ...others]: readonly string[]): string {
  if (!isDigest(digest)) throw new ToolError("corrupt", `invalid digest ${JSON.stringify(digest)}`);
  return createHash("sha256")
    .update([digestHex(digest), ...others].join(" "))
    .digest("hex");
}

function asHistory(v1: {
  readonly id: string;
  readonly parent: string;
  readonly comment?: string | undefined;
  readonly created: string;
  readonly author?: string | undefined;
  readonly throwaway?: boolean | undefined;
}): Schema1Layer["history"] {
  return { ...v1, comment: v1.comment ?? "", author: v1.author ?? "", throwaway: v1.throwaway ?? false };
}
