import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageReference, ImageSource } from "../transports/transport.ts";
import type { Policy, PolicyRequirement } from "./policy-file.ts";

/** The requirements for an image: of its transport's scopes the first of the reference's that the policy names, else the default. */
export function requirementsFor(policy: Policy, reference: ImageReference): readonly PolicyRequirement[] {
  const scopes = policy.transports.get(reference.transport);
  if (scopes === undefined) return policy.default;
  for (const scope of [...reference.policyScopes, ""]) {
    const found = scopes.get(scope);
    if (found !== undefined) return found;
  }
  return policy.default;
}

/**
 * The check that a copy makes before it reads anything but the manifest: every requirement must hold.
 * Requirements that we cannot check are refused, never passed.
 *
 * @throws denied when the policy rejects the image; unsupported for requirements that need a signature
 */
export function policyCheck(policy: Policy): (source: ImageSource) => Promise<void> {
  return async (source) => {
    const name = `${source.reference.transport}:${source.reference.withinTransport}`;
    for (const requirement of requirementsFor(policy, source.reference)) checkRequirement(requirement, name, policy.origin);
  };
}

function checkRequirement(requirement: PolicyRequirement, image: string, origin: string): void {
  if (requirement.type === "insecureAcceptAnything") return;
  if (requirement.type === "reject") {
    throw new ToolError("denied", `source image rejected: running image ${image} is rejected by policy`, { code: "policy-rejected" });
  }
  throw new ToolError(
    "unsupported",
    `source image rejected: ${origin} requires "${requirement.type}" of ${image}, and signatures cannot be verified yet`,
    {
      code: "policy-unsupported",
      hint: "use a policy without signature requirements for this image, or another --policy file",
    },
  );
}
