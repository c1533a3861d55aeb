import { describeError, isErrorOfKind, ToolError, wrapError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { resolveEndpoints } from "../../registries-conf/mirrors.ts";
import { getBlob } from "../../registry-client/blobs.ts";
import { openRepository, type RegistryClient } from "../../registry-client/client.ts";
import { getManifest } from "../../registry-client/manifests.ts";
import type { BlobInfo, ImageContext, ImageReference, ImageSource, RawManifest } from "../transport.ts";
import { openExternalBlob } from "./external-blob.ts";

/** Opens an image in a registry, or in the first of its mirrors that has it. */
export async function openDockerSource(reference: ImageReference, name: NamedReference, context: ImageContext): Promise<ImageSource> {
  const { client, manifest, isNamed } = await firstEndpoint(name, context);
  return {
    reference,
    parallelBlobs: true,
    manifest: async (instance) => (instance === undefined ? manifest : await getManifest(client, instance)),
    async blob(info: BlobInfo, options) {
      const external = await openExternalBlob(info, context.signal);
      return external ?? (await getBlob(client, info.digest, { expectedSize: info.size, ...options }));
    },
    blobRanges: (info, ranges) => blobRanges(client, info.digest, ranges),
    async signatures(instance) {
      const { readSignatures } = await import("./signatures.ts");
      return await readSignatures({ name, scopes: reference.policyScopes, context, client }, instance ?? manifestDigest(manifest.bytes));
    },
    ...(isNamed ? { tags: async () => (await import("../../registry-client/tags.ts")).readTags(name, () => client) } : {}),
    close: async () => undefined,
  };
}

async function* blobRanges(
  client: RegistryClient,
  digest: string,
  ranges: ReadonlyArray<{ readonly offset: number; readonly length: number }>,
): AsyncGenerator<Uint8Array> {
  const { getBlobRanges } = await import("../../registry-client/blob-ranges.ts");
  yield* getBlobRanges(client, digest, ranges);
}

interface Endpoint {
  readonly client: RegistryClient;
  readonly manifest: RawManifest;
  /** It is the repository that the name says: no mirror, and no other location. */
  readonly isNamed: boolean;
}

/** The registry's own failure is what the user is told; those of its mirrors are added. */
async function firstEndpoint(name: NamedReference, context: ImageContext): Promise<Endpoint> {
  const failures: unknown[] = [];
  for (const endpoint of resolveEndpoints(name, context.registry ?? {})) {
    try {
      // Credentials named on the command line are for the host that the image's name says, not for where registries.conf leads.
      const access = endpoint.reference.domain === name.domain ? context.registry : withoutGivenCredentials(context.registry);
      const client = await openRepository(endpoint.reference, {
        access,
        insecure: endpoint.insecure,
        actions: "pull",
        signal: context.signal,
      });
      const manifest = await getManifest(client, endpoint.reference.digest ?? endpoint.reference.tag ?? "latest");
      return { client, manifest, isNamed: !endpoint.isMirror && endpoint.reference.name === name.name };
    } catch (error) {
      if (isErrorOfKind(error, "cancelled")) throw error;
      failures.push(endpoint.isMirror ? wrapError(`mirror ${endpoint.reference}`, error) : error);
    }
  }
  const last = failures.pop() ?? new ToolError("internal", `no place to read ${name} from`);
  if (failures.length === 0) throw last;
  throw wrapError(`(mirrors also failed: ${failures.map(describeError).join("; ")})`, last);
}

function withoutGivenCredentials(access: ImageContext["registry"]): ImageContext["registry"] {
  if (access === undefined) return undefined;
  const { credentials: _credentials, bearerToken: _bearerToken, ...rest } = access;
  return rest;
}
