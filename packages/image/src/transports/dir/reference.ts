import { ToolError } from "@containers/common/errors/tool-error";
import { explicitPath, pathScopes } from "../paths.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** `dir:PATH`: one image as files in a directory, blobs under their digest. For debugging and moving images by hand. */
export const dirTransport: ImageTransport = {
  name: "dir",
  parse: dirReference,
};

/** The image in this directory, which need not exist yet. */
export function dirReference(path: string): ImageReference {
  if (path === "") throw new ToolError("invalid-argument", "a dir: reference needs a path");
  const reference: ImageReference = {
    transport: "dir",
    withinTransport: path,
    get policyScopes() {
      return pathScopes(explicitPath(path));
    },
    openSource: async () => (await import("./source.ts")).openDirSource(reference, path),
    openDestination: async () => (await import("./destination.ts")).openDirDestination(reference, path),
    delete: async () => {
      throw new ToolError("unsupported", "Deleting images not implemented for dir: images");
    },
  };
  return reference;
}
