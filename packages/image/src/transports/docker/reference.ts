import { ToolError } from "@containers/common/errors/tool-error";
import { isNameOnly, type NamedReference, parseNormalizedName, withDefaultTag } from "../../reference/reference.ts";
import type { ImageReference, ImageTransport } from "../transport.ts";

/** Behind a name: to be pushed there by digest alone, whatever that will be. */
export const UNKNOWN_DIGEST = "@@unknown-digest@@";

/** `docker://NAME[:TAG][@DIGEST]`: an image in a registry. */
export const dockerTransport: ImageTransport = {
  name: "docker",
  parse(rest) {
    if (!rest.startsWith("//")) throw new ToolError("invalid-argument", `docker: image reference ${rest} does not start with //`);
    if (rest.endsWith(UNKNOWN_DIGEST)) return pushedByDigest(parseNormalizedName(rest.slice(2, -UNKNOWN_DIGEST.length)));
    return dockerReference(parseNormalizedName(rest.slice(2)));
  },
};

/** The image of this name in its registry; `:latest` when it has neither tag nor digest. */
export function dockerReference(name: NamedReference): ImageReference {
  const named = isNameOnly(name) ? withDefaultTag(name) : name;
  if (named.tag !== undefined && named.digest !== undefined) {
    throw new ToolError("invalid-argument", `Docker references with both a tag and digest are currently not supported: ${named}`);
  }
  const reference: ImageReference = {
    transport: "docker",
    withinTransport: `//${named}`,
    dockerReference: named,
    policyScopes: dockerPolicyScopes(named),
    openSource: async (context) => (await import("./source.ts")).openDockerSource(reference, named, context),
    openDestination: async (context) => (await import("./destination.ts")).openDockerDestination(reference, named, context),
    delete: async (context) => (await import("./delete.ts")).deleteFromRegistry(named, context),
  };
  return reference;
}

/** A place that can only be pushed to. */
function pushedByDigest(name: NamedReference): ImageReference {
  const shown = `${name}${UNKNOWN_DIGEST}`;
  if (!isNameOnly(name)) {
    throw new ToolError(
      "invalid-argument",
      `docker: image reference "${shown}" has unknown digest set but it contains either a tag or digest`,
    );
  }
  const refuse = async (): Promise<never> => {
    throw new ToolError("invalid-argument", `docker: image reference "${shown}" names no image: its digest is not known`);
  };
  const reference: ImageReference = {
    transport: "docker",
    withinTransport: `//${shown}`,
    dockerReference: name,
    policyScopes: dockerPolicyScopes(name),
    openSource: refuse,
    openDestination: async (context) => (await import("./destination.ts")).openDockerDestination(reference, name, context),
    delete: refuse,
  };
  return reference;
}

/** The name, its repository, each namespace above, the host, and wildcards for the host's parent domains. */
export function dockerPolicyScopes(named: NamedReference): string[] {
  const scopes = [named.toString()];
  for (let at = named.name; ; at = at.slice(0, at.lastIndexOf("/"))) {
    scopes.push(at);
    if (!at.includes("/")) break;
  }
  const host = named.domain.replace(/:\d+$/, "");
  for (let dot = host.indexOf("."); dot >= 0; dot = host.indexOf(".", dot + 1)) scopes.push(`*${host.slice(dot)}`);
  return scopes;
}
