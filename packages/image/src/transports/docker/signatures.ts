import { readAll } from "@containers/common/digest/byte-stream";
import { digestHex, verifyBytes } from "@containers/common/digest/digest";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { parseImageManifest } from "../../manifest/parse.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { getBlob } from "../../registry-client/blobs.ts";
import type { RegistryClient } from "../../registry-client/client.ts";
import { getManifest } from "../../registry-client/manifests.ts";
import { lookasideOf, readLookaside, writeLookaside } from "../../trust/lookaside.ts";
import { loadRegistriesD, type RegistriesD, registriesDirectory, settingFor } from "../../trust/registries-d.ts";
import { encodeSigstoreSignature, signatureKind } from "../../trust/signature-kind.ts";
import type { ImageContext } from "../transport.ts";

const MAX_PAYLOAD_BYTES = 4 << 20;

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
  return [...simple, ...(usesAttachments(config, place) ? await readAttachments(place.client, digest) : [])];
}

/**
 * Stores signatures of the manifest with this digest beside the registry.
 *
 * @throws unsupported for kinds that have no place there
 */
export function writeSignatures(place: Omit<SignedPlace, "client">, digest: string, signatures: readonly Uint8Array[]): void {
  const other = signatures.find((signature) => signatureKind(signature) !== "simple");
  if (other !== undefined) {
    throw new ToolError("unsupported", "storing sigstore signatures in a registry is not supported", {
      hint: "copy without them: --remove-signatures",
    });
  }
  const config = loadRegistriesD(registriesDirectory(place.context.registry?.registriesDir));
  writeLookaside(lookasideOf(config, place, "write"), digest, signatures);
}

function usesAttachments(config: RegistriesD, place: SignedPlace): boolean {
  return settingFor(config, place.scopes, ["useSigstoreAttachments"]) === true;
}

/** cosign's way: an image under the tag `sha256-HEX.sig` whose layers are the signed texts, with the signatures in annotations. */
async function readAttachments(client: RegistryClient, digest: string): Promise<readonly Uint8Array[]> {
  let raw: Awaited<ReturnType<typeof getManifest>>;
  try {
    raw = await getManifest(client, `sha256-${digestHex(digest)}.sig`);
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) return [];
    throw error;
  }
  const { layers } = parseImageManifest(raw.bytes, raw.mediaType);
  return await Promise.all(
    layers.map(async (layer) => {
      const { stream } = await getBlob(client, layer.digest);
      const payload = await readAll(stream, MAX_PAYLOAD_BYTES, `signature ${layer.digest}`);
      verifyBytes(payload, layer.digest, `signature ${layer.digest}`);
      return encodeSigstoreSignature({ mimeType: layer.mediaType, payload, annotations: layer.annotations ?? {} });
    }),
  );
}
