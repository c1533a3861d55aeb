import { ToolError } from "@containers/common/errors/tool-error";
import { sortKeys } from "../manifest/go-json.ts";

/**
 * What the store keeps of a list's artifacts, as the original lays it out: their manifests, and where the blobs are that they name.
 * Keys are digests, of manifests except for `detached` and `blobs`.
 */
export interface Artifacts {
  /** The text of each artifact's manifest. */
  readonly manifests: Readonly<Record<string, string>>;
  /** The files that it was made from, for listings. */
  readonly files: Readonly<Record<string, readonly string[]>>;
  readonly config: Readonly<Record<string, string>>;
  readonly layers: Readonly<Record<string, readonly string[]>>;
  /** Absolute path of the file that holds a blob. */
  readonly detached: Readonly<Record<string, string>>;
  /** Contents of small blobs, in base64. */
  readonly blobs: Readonly<Record<string, string>>;
}

export const noArtifacts: Artifacts = { manifests: {}, files: {}, config: {}, layers: {}, detached: {}, blobs: {} };

/** @throws corrupt */
export function parseArtifacts(bytes: Uint8Array | undefined, id: string): Artifacts {
  if (bytes === undefined) return noArtifacts;
  let parsed: unknown;
  try {
    parsed = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new ToolError("corrupt", `decoding artifact list for image "${id}"`, { cause: error });
  }
  if (typeof parsed !== "object" || parsed === null) return noArtifacts;
  const part = (key: string): Record<string, unknown> => {
    const value = (parsed as Record<string, unknown>)[key];
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  };
  const strings = (key: string): Record<string, string> =>
    Object.fromEntries(Object.entries(part(key)).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
  const lists = (key: string): Record<string, readonly string[]> =>
    Object.fromEntries(Object.entries(part(key)).map(([digest, value]) => [digest, Array.isArray(value) ? value.map(String) : []]));
  return {
    manifests: strings("manifests"),
    files: lists("files"),
    config: strings("config"),
    layers: lists("layers"),
    detached: strings("detached"),
    blobs: strings("blobs"),
  };
}

/** The JSON of the store; empty parts are left out. */
export function artifactsJson(artifacts: Artifacts): Record<string, unknown> {
  const part = (map: Readonly<Record<string, unknown>>): object | undefined => (Object.keys(map).length === 0 ? undefined : sortKeys(map));
  return {
    manifests: part(artifacts.manifests),
    files: part(artifacts.files),
    config: part(artifacts.config),
    layers: part(artifacts.layers),
    detached: part(artifacts.detached),
    blobs: part(artifacts.blobs),
  };
}

/** The artifact that was made from this file, by its path as kept or its base name. */
export function artifactOfFile(artifacts: Artifacts, file: string): string | undefined {
  return Object.entries(artifacts.files).find(([, files]) => files.includes(file))?.[0];
}
