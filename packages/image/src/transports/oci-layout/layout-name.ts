import { ToolError } from "@containers/common/errors/tool-error";

/** What follows `oci:` and `oci-archive:`. */
export interface LayoutName {
  readonly path: string;
  /** The `org.opencontainers.image.ref.name` annotation to look for or to set. */
  readonly name?: string;
  /** Position in index.json (`PATH:@0`), for reading only. */
  readonly index?: number;
  /** As written. */
  readonly text: string;
}

const IMAGE_NAME = /^(?:[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*)(?:\/(?:[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*))*$/;

/** Splits `PATH[:NAME]` or `PATH[:@INDEX]`. Throws invalid-argument. */
export function parseLayoutName(text: string, transport: string): LayoutName {
  const colon = text.indexOf(":");
  const path = colon < 0 ? text : text.slice(0, colon);
  const image = colon < 0 ? "" : text.slice(colon + 1);
  if (image === "") return { path, text: path };
  if (image.startsWith("@")) return { path, index: parseIndex(image), text };
  if (!IMAGE_NAME.test(image)) throw new ToolError("invalid-argument", `Invalid image ${image} in the ${transport}: reference ${text}`);
  return { path, name: image, text };
}

function parseIndex(image: string): number {
  if (!/^@\d+$/.test(image)) throw new ToolError("invalid-argument", `Invalid source index ${image}: not an integer of at least 0`);
  return Number(image.slice(1));
}
