import { digestHex, sha256 } from "@containers/common/digest/digest";
import { goJsonBytes, sortKeys } from "../../manifest/go-json.ts";

/** A layer as Docker's first image format knows it: an image of its own, with a parent. */
export interface LegacyLayer {
  readonly id: string;
  readonly digest: string;
  readonly json: Uint8Array;
}

const COPIED_KEYS: readonly string[] = ["architecture", "config", "container", "container_config", "created", "docker_version", "os"];

/** One entry per layer, base first. The ids only need to be unique and to depend on everything below. */
export function legacyLayers(digests: readonly string[], config: Uint8Array): readonly LegacyLayer[] {
  const layers: LegacyLayer[] = [];
  let chain: string | undefined;
  for (const [index, digest] of digests.entries()) {
    chain = chain === undefined ? digest : sha256(`${chain} ${digest}`);
    const parent = layers.at(-1)?.id;
    const fields: Record<string, unknown> = {
      ...(parent === undefined ? {} : { parent }),
      ...(index === digests.length - 1 ? copiedFields(config) : {}),
    };
    const id = digestHex(sha256(goJsonBytes(sortKeys({ ...fields, layer_id: chain }))));
    layers.push({ id, digest, json: goJsonBytes(sortKeys({ ...fields, id })) });
  }
  return layers;
}

function copiedFields(config: Uint8Array): Record<string, unknown> {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(config));
  const source = typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : {};
  return Object.fromEntries(COPIED_KEYS.map((key) => [key, source[key] ?? null]));
}
