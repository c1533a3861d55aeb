import { ToolError } from "@containers/common/errors/tool-error";
import { type NamedReference, parseNormalizedName } from "../../reference/reference.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** `docker-daemon:NAME:TAG` or `docker-daemon:sha256:ID`: the store of a Docker daemon, or of whoever speaks its API. */
export const dockerDaemonTransport: ImageTransport = {
  name: "docker-daemon",
  parse: parseDockerDaemon,
};

function parseDockerDaemon(rest: string): ImageReference {
  if (/^sha256:[0-9a-f]{64}$/.test(rest)) return dockerDaemonReference(rest, undefined);
  if (/^sha(384|512):[0-9a-f]+$/.test(rest))
    throw new ToolError("invalid-argument", `Invalid docker-daemon: reference ${rest}: only digest algorithm sha256 accepted`);
  const name = parseNormalizedName(rest);
  if (name.name === "docker.io/library/sha256")
    throw new ToolError(
      "invalid-argument",
      `Invalid docker-daemon: reference ${rest}: The sha256 repository name is reserved for (non-shortened) digest references`,
    );
  if (name.tag === undefined && name.digest === undefined)
    throw new ToolError("invalid-argument", `docker-daemon: reference ${rest} has neither a tag nor a digest`);
  if (name.tag !== undefined && name.digest !== undefined)
    throw new ToolError("invalid-argument", "docker-daemon: references with both a tag and digest are currently not supported");
  return dockerDaemonReference(rest, name);
}

function dockerDaemonReference(text: string, name: NamedReference | undefined): ImageReference {
  const reference: ImageReference = {
    transport: "docker-daemon",
    withinTransport: name?.toString() ?? text,
    ...(name === undefined ? {} : { dockerReference: name }),
    policyScopes: [],
    openSource: async (context) => (await import("./source.ts")).openDockerDaemonSource(reference, context),
    openDestination: async (context) => (await import("./destination.ts")).openDockerDaemonDestination(reference, context),
    delete: async () => {
      throw new ToolError("unsupported", "Deleting images not implemented for docker-daemon: images");
    },
  };
  return reference;
}
