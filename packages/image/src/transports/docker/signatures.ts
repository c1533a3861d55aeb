import { ToolError } from "@containers/common/errors/tool-error";
import type { NamedReference } from "../../reference/reference.ts";
import type { RegistryClient } from "../../registry-client/client.ts";
import { lookasideOf, readLookaside, writeLookaside } from "../../trust/lookaside.ts";
import { loadRegistriesD, type RegistriesD, registriesDirectory, settingFor } from "../../trust/registries-d.ts";
import { signatureKind } from "../../trust/signature-kind.ts";
import type { ImageContext } from "../transport.ts";

/** An image in a registry, as its signatures are looked for. */
export interface SignedPlace {
  readonly name: NamedReference;
  readonly scopes: readonly string[];
  readonly context: ImageContext;
  readonly client: RegistryClient;
}

/** Signatures of the manifest with this digest: simple ones of the lookaside, then sigstore's attachments where registries.d says so. */
export async function readSignatures(place: SignedPlace, digest: string): Promise<readonly Uint8Array[]> {
  const config = loadRegistriesD(registriesDirectory(place.context.registry?.registriesDir));
  const simple = await readLookaside(lookasideOf(config, place, "read"), digest, place.context.signal);
  if (!usesAttachments(config, place)) return simple;
  const { readAttachments } = await import("./signature-attachments.ts");
  return [...simple, ...(await readAttachments(place.client, digest))];
}

/**
 * Stores signatures of the manifest with this digest: simple ones in the lookaside, sigstore's as attachments in the registry.
 *
 * @throws unsupported for kinds that have no place there, or none that registries.d allows
 */
export async function writeSignatures(place: SignedPlace, digest: string, signatures: readonly Uint8Array[]): Promise<void> {
  const simple = signatures.filter((signature) => signatureKind(signature) === "simple");
  const attachments = signatures.filter((signature) => signatureKind(signature) === "sigstore");
  if (simple.length + attachments.length < signatures.length) {
    throw new ToolError("unsupported", "a signature of an unknown kind cannot be stored in a registry", {
      hint: "copy without them: --remove-signatures",
    });
  }
  const config = loadRegistriesD(registriesDirectory(place.context.registry?.registriesDir));
  if (attachments.length > 0) {
    if (!usesAttachments(config, place)) {
      throw new ToolError("unsupported", `writing sigstore attachments is disabled by configuration for ${place.name.name}`, {
        hint: "set use-sigstore-attachments: true for it in registries.d",
      });
    }
    const { writeAttachments } = await import("./signature-attachments.ts");
    await writeAttachments(place.client, digest, attachments);
  }
  if (simple.length > 0 || attachments.length === 0) writeLookaside(lookasideOf(config, place, "write"), digest, simple);
}

function usesAttachments(config: RegistriesD, place: SignedPlace): boolean {
  return settingFor(config, place.scopes, ["useSigstoreAttachments"]) === true;
}
