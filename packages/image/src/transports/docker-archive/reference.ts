import { ToolError } from "@containers/common/errors/tool-error";
import { type NamedReference, parseNormalizedName, withDefaultTag } from "../../reference/reference.ts";
import type { ArchiveReader } from "../archive-file/archive-reader.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";
import type { DockerArchiveWriter } from "./writer.ts";

/** `docker-archive:PATH[:NAME[:TAG]|:@INDEX]`: what `docker save` writes. */
export const dockerArchiveTransport: ImageTransport = {
  name: "docker-archive",
  parse: parseDockerArchive,
};

/** Which image of an archive. */
export interface ArchiveName {
  readonly path: string;
  readonly name?: NamedReference;
  /** Position in manifest.json, for reading only. */
  readonly index?: number;
  /** More names for the same image, for writing only. */
  readonly additionalNames?: readonly NamedReference[];
}

/** An archive that is open already, when several of its images are read or written in one go. The opener closes it. */
export interface OpenArchive {
  readonly reader?: ArchiveReader;
  readonly writer?: DockerArchiveWriter;
}

function parseDockerArchive(rest: string): ImageReference {
  if (rest === "") throw new ToolError("invalid-argument", `docker-archive reference ${rest} isn't of the form <path>[:<reference>]`);
  const colon = rest.indexOf(":");
  if (colon < 0) return dockerArchiveReference({ path: rest });
  const path = rest.slice(0, colon);
  const image = rest.slice(colon + 1);
  if (image.startsWith("@")) {
    if (!/^@\d+$/.test(image))
      throw new ToolError("invalid-argument", `Invalid source index ${image}: must be an integer that is not negative`);
    return dockerArchiveReference({ path, index: Number(image.slice(1)) });
  }
  const name = withDefaultTag(parseNormalizedName(image));
  if (name.digest !== undefined) throw new ToolError("invalid-argument", `docker-archive doesn't support digest references: ${name}`);
  return dockerArchiveReference({ path, name });
}

/** The image in an archive; without name and index, the only one. */
export function dockerArchiveReference(name: ArchiveName, open: OpenArchive = {}): ImageReference {
  const suffix = name.name !== undefined ? `:${name.name}` : name.index !== undefined ? `:@${name.index}` : "";
  const reference: ImageReference = {
    transport: "docker-archive",
    withinTransport: name.path + suffix,
    ...(name.name === undefined ? {} : { dockerReference: name.name }),
    policyScopes: [],
    openSource: async (context) => (await import("./source.ts")).openDockerArchiveSource(reference, { name, context, reader: open.reader }),
    openDestination: async (context) =>
      (await import("./destination.ts")).openDockerArchiveDestination(reference, { name, context, writer: open.writer }),
    delete: async () => {
      throw new ToolError("unsupported", "Deleting images not implemented for docker-archive: images");
    },
  };
  return reference;
}
