import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageTransport } from "../transport.ts";

/** `sif:FILE`, Singularity's images: known by name, so that the refusal says what it is. */
export const sifTransport: ImageTransport = {
  name: "sif",
  parse(rest) {
    const refuse = (): Promise<never> =>
      Promise.reject(
        new ToolError("unsupported", `sif:${rest}: images of Singularity cannot be read`, {
          hint: "unpack it with unsquashfs, pack the files with tar, and name that archive as tarball:FILE",
        }),
      );
    return { transport: "sif", withinTransport: rest, policyScopes: [], openSource: refuse, openDestination: refuse, delete: refuse };
  },
};
