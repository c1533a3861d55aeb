import { ToolError } from "@containers/common/errors/tool-error";
import { explicitPath, pathScopes } from "../paths.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** `sif:FILE`: an image of Singularity (Apptainer), whose root file system becomes one layer. Only to be read. */
export const sifTransport: ImageTransport = {
  name: "sif",
  parse(rest) {
    const reference: ImageReference = {
      transport: "sif",
      withinTransport: rest,
      get policyScopes() {
        return pathScopes(explicitPath(rest));
      },
      openSource: async (context) => (await import("./source.ts")).openSifSource(reference, rest, context),
      openDestination: async () => {
        throw new ToolError("unsupported", '"sif:" locations can only be read from, not written to');
      },
      delete: async () => {
        throw new ToolError("unsupported", "Deleting images not implemented for sif: images");
      },
    };
    return reference;
  },
};
