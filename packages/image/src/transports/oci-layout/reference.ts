import { ToolError } from "@containers/common/errors/tool-error";
import { explicitPath, pathScopes } from "../paths.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";
import { type LayoutName, parseLayoutName } from "./layout-name.ts";

/** `oci:PATH[:NAME]`: an OCI image layout, https://github.com/opencontainers/image-spec/blob/main/image-layout.md. */
export const ociTransport: ImageTransport = {
  name: "oci",
  parse(rest) {
    return ociReference(parseLayoutName(rest, "oci"));
  },
};

/** One image in a layout: by name, by index, or the only one. */
export function ociReference(name: LayoutName): ImageReference {
  const { path } = name;
  if (path === "") throw new ToolError("invalid-argument", "an oci: reference needs a path");
  const reference: ImageReference = {
    transport: "oci",
    withinTransport: name.text,
    get policyScopes() {
      const resolved = explicitPath(path);
      return name.name === undefined ? pathScopes(resolved) : [`${resolved}:${name.name}`, ...pathScopes(resolved)];
    },
    openSource: async ({ sharedBlobDirectory: shared }) => (await import("./source.ts")).openOciSource(reference, name, shared),
    openDestination: async ({ sharedBlobDirectory: shared }) =>
      (await import("./destination.ts")).openOciDestination(reference, name, shared),
    delete: async ({ sharedBlobDirectory: shared }) => (await import("./delete.ts")).deleteFromLayout(name, shared),
  };
  return reference;
}
