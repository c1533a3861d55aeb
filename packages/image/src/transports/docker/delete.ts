import { manifestDigest } from "../../manifest/manifest-digest.ts";
import type { NamedReference } from "../../reference/reference.ts";
import { resolveDestination } from "../../registries-conf/mirrors.ts";
import { openRepository } from "../../registry-client/client.ts";
import { deleteManifest, getManifest } from "../../registry-client/manifests.ts";
import type { ImageContext } from "../transport.ts";

/** Deletes the manifest that the name stands for; with it go all tags of that manifest. */
export async function deleteFromRegistry(name: NamedReference, context: ImageContext): Promise<void> {
  const endpoint = resolveDestination(name, context.registry ?? {});
  const client = await openRepository(endpoint.reference, {
    access: context.registry,
    insecure: endpoint.insecure,
    actions: "*",
    signal: context.signal,
  });
  const manifest = await getManifest(client, name.digest ?? name.tag ?? "latest");
  await deleteManifest(client, manifestDigest(manifest.bytes));
}
