import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { parseNormalizedName } from "@containers/image/reference/reference";
import type { Engine } from "../../../engine/engine.ts";

/**
 * What a name means that one of Docker's clients gives: a local image by id or by any of its names; else a name of Docker's registry, unless
 * containers.conf says that short names are searched for as elsewhere.
 */
export function dockerImageName(engine: Engine, name: string): string {
  if (!engine.config.engine.compatApiEnforceDockerHub) return name;
  if (name === "") throw unreadable('parsing reference "": repository name must have at least one component');
  const found = readably(name, () => resolveLocalImage(engine.images, name));
  if (found === undefined) return readably(name, () => parseNormalizedName(name).toString());
  if (found.image.id.startsWith(name.replace(/^sha256:/, ""))) return found.image.id;
  return found.name;
}

function readably<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const reason = describeError(error);
    throw unreadable(/^(?:parsing reference |sha256:)/.test(reason) ? reason : `parsing reference ${JSON.stringify(name)}: ${reason}`);
  }
}

function unreadable(reason: string): ToolError {
  return new ToolError("invalid-argument", `normalizing name for compat API: ${reason}`);
}
