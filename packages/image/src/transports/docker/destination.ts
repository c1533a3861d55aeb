import { ToolError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import { ACCEPTED_MANIFESTS } from "../../manifest/media-types.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { resolveDestination } from "../../registries-conf/mirrors.ts";
import { headBlob, mountBlob, uploadBlob } from "../../registry-client/blobs.ts";
import { openRepository, type RegistryClient } from "../../registry-client/client.ts";
import { putManifest } from "../../registry-client/manifests.ts";
import type { BlobInfo, ImageContext, ImageDestination, ImageReference, PutBlobOptions } from "../transport.ts";

/** Opens a place in a registry to push to. Nothing is sent before the first blob. */
export async function openDockerDestination(
  reference: ImageReference,
  name: NamedReference,
  context: ImageContext,
): Promise<ImageDestination> {
  const endpoint = resolveDestination(name, context.registry ?? {});
  const client = await openRepository(endpoint.reference, {
    access: context.registry,
    insecure: endpoint.insecure,
    actions: "pull,push",
    signal: context.signal,
  });
  /** What signatures are stored for. */
  let written: string | undefined;
  return {
    reference,
    supportedManifestTypes: ACCEPTED_MANIFESTS,
    layerCompression: "compress",
    parallelBlobs: true,
    acceptsLists: true,
    acceptsForeignLayers: true,
    mustKeepManifest: name.digest !== undefined,
    takesBorrowed: true,
    async putBlob(stream, info) {
      const sent = await uploadBlob(client, stream, { digest: info.digest, size: info.size });
      return { ...info, ...sent };
    },
    tryReuseBlob: (info, options) => reuse(client, name, { info, options }),
    async putManifest(bytes, mediaType, instance) {
      if (instance === undefined) written = manifestDigest(bytes);
      await putManifest(client, instance ?? manifestTarget(name, bytes), { bytes, mediaType });
    },
    async putSignatures(signatures, instance) {
      const digest = instance ?? written;
      if (digest === undefined) throw new ToolError("internal", "signatures were put before their manifest");
      const { writeSignatures } = await import("./signatures.ts");
      await writeSignatures({ name, scopes: reference.policyScopes, context, client }, digest, signatures);
    },
    commit: async () => undefined,
    close: async () => undefined,
  };
}

async function reuse(
  client: RegistryClient,
  name: NamedReference,
  blob: { readonly info: BlobInfo; readonly options: PutBlobOptions },
): Promise<BlobInfo | undefined> {
  const { info, options } = blob;
  const size = await headBlob(client, info.digest);
  if (size !== undefined) return { ...info, size: size >= 0 ? size : info.size };
  const elsewhere = [options.sourceReference, ...(options.knownRepositories ?? [])].filter((place) => place !== undefined);
  for (const place of elsewhere) {
    if (place.domain !== name.domain || place.path === name.path) continue;
    if (await mountBlob(client, info.digest, place.path)) return info;
  }
  return undefined;
}

/** What the manifest is pushed as: the tag, or the digest, which must then be that of these bytes. Without either it is what it turns out to be. */
function manifestTarget(name: NamedReference, bytes: Uint8Array): string {
  if (name.digest === undefined) return name.tag ?? manifestDigest(bytes);
  const actual = manifestDigest(bytes);
  if (actual !== name.digest)
    throw new ToolError("invalid-argument", `the manifest's digest ${actual} is not that of the destination ${name}`);
  return name.digest;
}
