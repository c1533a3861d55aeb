import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** `tarball:FILE[:FILE…]`: an image made out of archives, each a layer, base first. `-` is standard input. Only to be read. */
export const tarballTransport: ImageTransport = {
  name: "tarball",
  parse(rest) {
    const files = rest.split(":");
    if (files.includes(""))
      throw new ToolError("invalid-argument", "a tarball: reference needs the paths of its layers, separated by colons");
    const reference: ImageReference = {
      transport: "tarball",
      withinTransport: rest,
      // As the original: only the transport's default applies.
      policyScopes: [],
      openSource: async (context) => (await import("./source.ts")).openTarballSource(reference, files, context),
      openDestination: async () => {
        throw new ToolError("unsupported", '"tarball:" locations can only be read from, not written to');
      },
      delete: async () => {
        throw new ToolError("unsupported", '"tarball:" locations can only be read from, not deleted');
      },
    };
    return reference;
  },
};
