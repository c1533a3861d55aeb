import { readAll, streamOf } from "@containers/common/digest/byte-stream";
import { digestHex, sha256, verifyBytes } from "@containers/common/digest/digest";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { goJsonBytes } from "../../manifest/go-json.ts";
import type { Descriptor, ImageManifest } from "../../manifest/manifest.ts";
import { OCI_CONFIG, OCI_MANIFEST } from "../../manifest/media-types.ts";
import { buildOciManifest } from "../../manifest/oci.ts";
import { parseImageManifest } from "../../manifest/parse.ts";
import { getBlob, headBlob, uploadBlob } from "../../registry-client/blobs.ts";
import type { RegistryClient } from "../../registry-client/client.ts";
import { getManifest, putManifest } from "../../registry-client/manifests.ts";
import { decodeSigstoreSignature, encodeSigstoreSignature } from "../../trust/signature-kind.ts";

/*
 * Sigstore's signatures in a registry, the way cosign keeps them: an image under the tag `sha256-HEX.sig` whose layers are the
 * signed texts, with the signatures in annotations.
 */

const MAX_PAYLOAD_BYTES = 4 << 20;

/** The signatures over the manifest with this digest; none when nobody signed it. */
export async function readAttachments(client: RegistryClient, digest: string): Promise<readonly Uint8Array[]> {
  const present = await attachmentManifest(client, digest);
  return await Promise.all(
    (present?.layers ?? []).map(async (layer) => {
      const { stream } = await getBlob(client, layer.digest);
      const payload = await readAll(stream, MAX_PAYLOAD_BYTES, `signature ${layer.digest}`);
      verifyBytes(payload, layer.digest, `signature ${layer.digest}`);
      return encodeSigstoreSignature({ mimeType: layer.mediaType, payload, annotations: layer.annotations ?? {} });
    }),
  );
}

/** Adds signatures over the manifest with this digest to those that are there. */
export async function writeAttachments(client: RegistryClient, digest: string, signatures: readonly Uint8Array[]): Promise<void> {
  const layers: Descriptor[] = [...((await attachmentManifest(client, digest))?.layers ?? [])];
  for (const bytes of signatures) {
    const signature = decodeSigstoreSignature(bytes);
    if (signature === undefined) continue;
    const { payload, mimeType, annotations } = signature;
    const layer: Descriptor = { mediaType: mimeType, digest: sha256(payload), size: payload.length, annotations };
    if (layers.some((known) => isSame(known, layer))) continue;
    await put(client, payload);
    layers.push(layer);
  }
  const config = goJsonBytes({
    architecture: "",
    os: "",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.digest) },
  });
  await put(client, config);
  const manifest = buildOciManifest({
    config: { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length },
    layers,
    namesMediaType: true,
  });
  await putManifest(client, attachmentTag(digest), { bytes: manifest, mediaType: OCI_MANIFEST });
}

async function attachmentManifest(client: RegistryClient, digest: string): Promise<ImageManifest | undefined> {
  try {
    const raw = await getManifest(client, attachmentTag(digest));
    return parseImageManifest(raw.bytes, raw.mediaType);
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) return undefined;
    throw error;
  }
}

function attachmentTag(digest: string): string {
  return `sha256-${digestHex(digest)}.sig`;
}

function isSame(left: Descriptor, right: Descriptor): boolean {
  const texts = ({ annotations = {} }: Descriptor): string => JSON.stringify(Object.entries(annotations).sort());
  return left.digest === right.digest && left.mediaType === right.mediaType && texts(left) === texts(right);
}

async function put(client: RegistryClient, bytes: Uint8Array): Promise<void> {
  const digest = sha256(bytes);
  if ((await headBlob(client, digest)) === undefined) await uploadBlob(client, streamOf(bytes), { digest, size: bytes.length });
}
