import { ToolError } from "@containers/common/errors/tool-error";
import { type LayoutName, parseLayoutName } from "../oci-layout/layout-name.ts";
import { explicitPath, pathScopes } from "../paths.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** `oci-archive:PATH[:NAME]`: a tar of an OCI image layout. */
export const ociArchiveTransport: ImageTransport = {
  name: "oci-archive",
  parse: (rest) => ociArchiveReference(parseLayoutName(rest, "oci-archive")),
};

/** The image in an archive; without a name or index, the only one. */
export function ociArchiveReference(name: LayoutName): ImageReference {
  const { path } = name;
  if (path === "") throw new ToolError("invalid-argument", "an oci-archive: reference needs a path");
  const reference: ImageReference = {
    transport: "oci-archive",
    withinTransport: name.text,
    get policyScopes() {
      const resolved = explicitPath(path);
      return name.name === undefined ? pathScopes(resolved) : [`${resolved}:${name.name}`, ...pathScopes(resolved)];
    },
    openSource: async (context) => (await import("./source.ts")).openOciArchiveSource(reference, name, context),
    openDestination: async (context) => (await import("./destination.ts")).openOciArchiveDestination(reference, name, context),
    delete: async () => {
      throw new ToolError("unsupported", "Deleting images not implemented for oci-archive: images");
    },
  };
  return reference;
}
