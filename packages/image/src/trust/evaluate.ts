import { verifyBytes } from "@containers/common/digest/digest";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { ImageReference, ImageSource } from "../transports/transport.ts";
import type { Policy } from "./policy-file.ts";
import type { PolicyRequirement } from "./requirement.ts";
import type { UntrustedImage } from "./requirements/signed-by.ts";

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
 * The check that a copy makes before it reads anything but the manifest and its signatures: every requirement must hold.
 * Requirements that we cannot check are refused, never passed.
 *
 * @throws denied when the policy rejects the image, with the reason; unsupported for requirements that cannot be checked
 */
export function policyCheck(policy: Policy): (source: ImageSource, instance?: string) => Promise<void> {
  return async (source, instance) => {
    const requirements = requirementsFor(policy, source.reference);
    const name = `${source.reference.transport}:${source.reference.withinTransport}`;
    let untrusted: Promise<UntrustedImage> | undefined;
    const image = (): Promise<UntrustedImage> => (untrusted ??= readUntrusted(source, instance));
    try {
      for (const requirement of requirements) await checkRequirement(requirement, { name, image });
    } catch (error) {
      throw wrapError("Source image rejected", error);
    }
  };
}

async function readUntrusted(source: ImageSource, instance: string | undefined): Promise<UntrustedImage> {
  const [{ bytes }, signatures] = await Promise.all([source.manifest(instance), source.signatures(instance)]);
  // What is judged must be what is copied: a source must not be able to show another manifest here.
  if (instance !== undefined) verifyBytes(bytes, instance, `manifest ${instance}`);
  return { reference: source.reference.dockerReference, manifest: bytes, signatures };
}

async function checkRequirement(
  requirement: PolicyRequirement,
  of: { readonly name: string; readonly image: () => Promise<UntrustedImage> },
): Promise<void> {
  switch (requirement.type) {
    case "insecureAcceptAnything":
      return;
    case "reject":
      throw new ToolError("denied", `Running image ${of.name} is rejected by policy.`, { code: "policy-rejected" });
    case "signedBy":
      return await (await import("./requirements/signed-by.ts")).requireSignedBy(requirement, await of.image());
    case "sigstoreSigned":
      return await (await import("./requirements/sigstore-signed.ts")).requireSigstoreSigned(requirement, await of.image());
    case "signedBaseLayer":
      // The original knows the word and refuses every image for it as well.
      throw new ToolError("unsupported", "signedBaseLayer not implemented yet", {
        code: "policy-unsupported",
        hint: "use a policy without it for this image, or another --policy file",
      });
  }
}
