import { isDigest } from "@containers/common/digest/digest";
import { ToolError } from "@containers/common/errors/tool-error";
import { goJson } from "../go-json.ts";
import { flag, list, literal, nullish, object, type Shape, ShapeError, size, text, textThat, withDefault } from "../shape.ts";

/** A manifest of Docker's first schema: layers and their history, top layer first, and no config. */
export interface Schema1 {
  readonly name: string;
  readonly tag: string;
  readonly architecture: string;
  /** Top layer first, one for each entry of the history; also those that change nothing. */
  readonly layers: readonly Schema1Layer[];
}

export interface Schema1Layer {
  readonly digest: string;
  /** The text as it stands: of the top layer it is the image's config. */
  readonly v1Compatibility: string;
  readonly history: V1Compatibility;
}

/** What the history tells of a layer. */
export type V1Compatibility = ReturnType<typeof v1Shape>;

const wireShape = object({
  schemaVersion: literal(1),
  name: withDefault(text, ""),
  tag: withDefault(text, ""),
  architecture: withDefault(text, ""),
  fsLayers: nullish(list(object({ blobSum: textThat(isDigest, "not a valid digest") }))),
  history: nullish(list(object({ v1Compatibility: withDefault(text, "") }))),
});

const v1Shape = object({
  id: withDefault(text, ""),
  parent: withDefault(text, ""),
  comment: withDefault(text, ""),
  created: withDefault(text, ""),
  author: withDefault(text, ""),
  throwaway: withDefault(flag, false),
  container_config: nullish(object({ Cmd: nullish(list(text)) })),
  Size: nullish(size),
});

/** Fields of other kinds of manifests: one that has them could be read in two ways. */
const FOREIGN_FIELDS = ["config", "layers", "manifests"];

/**
 * Parses a manifest and checks that its layers form one chain; entries that repeat their parent are left out, as Docker does.
 *
 * @throws corrupt for what is malformed
 */
export function parseSchema1(bytes: Uint8Array): Schema1 {
  const wire = checked(new TextDecoder().decode(bytes), wireShape, "docker schema 1 manifest");
  if (FOREIGN_FIELDS.some((field) => field in wire)) throw corrupt("ambiguous manifest: it has fields of another kind of manifest");
  const { fsLayers, history } = { fsLayers: wire.fsLayers ?? [], history: wire.history ?? [] };
  if (fsLayers.length !== history.length) throw corrupt("length of history not equal to number of layers");
  if (fsLayers.length === 0) throw corrupt("no FSLayers in manifest");
  const layers = fsLayers.map(({ blobSum }, index) => {
    const v1Compatibility = history[index]?.v1Compatibility ?? "";
    return { digest: blobSum, v1Compatibility, history: checked(v1Compatibility, v1Shape, `v2s1 history entry ${index}`) };
  });
  return { name: wire.name, tag: wire.tag, architecture: wire.architecture, layers: withoutRepeated(layers) };
}

/** The manifest's JSON, without a signature. */
export function schema1Payload(manifest: Schema1): string {
  return goJson({
    name: manifest.name,
    tag: manifest.tag,
    architecture: manifest.architecture,
    fsLayers: manifest.layers.map(({ digest }) => ({ blobSum: digest })),
    history: manifest.layers.map(({ v1Compatibility }) => ({ v1Compatibility })),
    schemaVersion: 1,
  });
}

function withoutRepeated(layers: readonly Schema1Layer[]): readonly Schema1Layer[] {
  for (const { history } of layers)
    if (!/^[a-f0-9]{64}$/.test(history.id)) throw corrupt(`image ID ${JSON.stringify(history.id)} is invalid`);
  if (layers.at(-1)?.history.parent !== "") throw corrupt("Invalid parent ID in the base layer of the image");
  const seen = new Set<string>();
  let last = "";
  for (const { id } of layers.map(({ history }) => history)) {
    if (id !== last && seen.has(id)) throw corrupt(`ID ${id} appears multiple times in manifest`);
    seen.add(id);
    last = id;
  }
  return layers.filter(({ history }, index) => {
    const below = layers[index + 1]?.history;
    if (below === undefined) return true;
    if (history.id === below.id) return false;
    if (history.parent !== below.id) throw corrupt(`Invalid parent ID. Expected ${below.id}, got ${JSON.stringify(history.parent)}`);
    return true;
  });
}

function checked<T>(json: string, shape: Shape<T>, what: string): T {
  try {
    return shape(JSON.parse(json), "");
  } catch (error) {
    if (error instanceof ShapeError) throw corrupt(`parsing ${what}: ${error.message}`);
    throw new ToolError("corrupt", `parsing ${what}`, { cause: error });
  }
}

function corrupt(message: string): ToolError {
  return new ToolError("corrupt", message);
}
