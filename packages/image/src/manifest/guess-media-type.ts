import {
  bareMediaType,
  DOCKER_CONFIG,
  DOCKER_LIST,
  DOCKER_MANIFEST,
  DOCKER_SCHEMA1,
  DOCKER_SCHEMA1_SIGNED,
  isListType,
  OCI_CONFIG,
  OCI_INDEX,
  OCI_MANIFEST,
} from "./media-types.ts";

/**
 * The media type of a manifest from its own JSON, "" when it cannot be told. Used where a place stores no type
 * (`dir:`, containers-storage) and to check what a registry claims.
 */
export function guessMediaType(bytes: Uint8Array): string {
  const json = parseObject(bytes);
  if (json === undefined) return "";
  const named = json["mediaType"];
  if (
    typeof named === "string" &&
    (isListType(named) || [OCI_MANIFEST, DOCKER_MANIFEST, DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED].includes(named))
  ) {
    return named;
  }
  if (json["schemaVersion"] === 1) return json["signatures"] === undefined ? DOCKER_SCHEMA1 : DOCKER_SCHEMA1_SIGNED;
  if (json["schemaVersion"] !== 2) return "";
  if (Array.isArray(json["manifests"])) return listTypeOf(json["manifests"]);
  const config = json["config"];
  if (typeof config !== "object" || config === null) return "";
  const configType = "mediaType" in config ? config.mediaType : undefined;
  if (configType === DOCKER_CONFIG) return DOCKER_MANIFEST;
  // Artifacts name configs of their own; only OCI manifests may leave their type out.
  return configType === OCI_CONFIG || named === undefined ? OCI_MANIFEST : "";
}

/** The type to believe: what the place claims when that is a manifest type, else what the JSON says. */
export function manifestType(bytes: Uint8Array, claimed: string): string {
  const bare = bareMediaType(claimed);
  const known = isListType(bare) || [OCI_MANIFEST, DOCKER_MANIFEST, DOCKER_SCHEMA1, DOCKER_SCHEMA1_SIGNED].includes(bare);
  return known ? bare : guessMediaType(bytes);
}

function listTypeOf(manifests: readonly unknown[]): string {
  const first: unknown = manifests[0];
  const type = typeof first === "object" && first !== null && "mediaType" in first ? first.mediaType : undefined;
  return type === DOCKER_MANIFEST ? DOCKER_LIST : OCI_INDEX;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
