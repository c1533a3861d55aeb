import { ToolError } from "@containers/common/errors/tool-error";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { parseNormalizedName } from "@containers/image/reference/reference";
import type { Engine } from "../../../engine/engine.ts";

/**
 * What a name means that one of Docker's clients gives: a local image by id or by any of its names; else a name of Docker's registry, unless
 * containers.conf says that short names are searched for as elsewhere.
 */
export function dockerImageName(engine: Engine, name: string): string {
  if (!engine.config.engine.compatApiEnforceDockerHub) return name;
  if (name === "") throw unreadable(name, new ToolError("invalid-argument", "repository name must have at least one component"));
  const found = resolveLocalImage(engine.images, name);
  if (found === undefined) return onDockerHub(name);
  if (found.image.id.startsWith(name.replace(/^sha256:/, ""))) return found.image.id;
  return found.name;
}

function onDockerHub(name: string): string {
  try {
    return parseNormalizedName(name).toString();
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, cause: unknown): ToolError {
  return new ToolError("invalid-argument", `normalizing name for compat API: parsing reference ${JSON.stringify(name)}`, { cause });
}
