import { ToolError } from "@containers/common/errors/tool-error";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyOptions } from "../copy/copy-options.ts";
import { copyOptions } from "../local-images/copy-options.ts";
import type { LocalImages } from "../local-images/local-images.ts";
import { signerFor } from "../local-images/push.ts";
import { retriesFor, withRetries } from "../local-images/retry.ts";
import { parseName } from "../reference/reference.ts";
import { ociReference } from "../transports/oci-layout/reference.ts";
import { parseImageName } from "../transports/register.ts";
import type { ImageReference } from "../transports/transport.ts";
import type { SigningKeys } from "../trust/signer.ts";
import { type ArtifactStore, findArtifact, layoutName, withArtifactLock } from "./artifact-store.ts";

export interface TransferOptions {
  readonly retries?: number;
  /** Milliseconds. */
  readonly retryDelay?: number;
}

/** Fetches an artifact from its registry. @returns its digest */
export async function pullArtifact(
  images: LocalImages,
  store: ArtifactStore,
  name: string,
  options: TransferOptions = {},
): Promise<string> {
  const source = registryReference(name);
  return await withArtifactLock(store, async () => {
    const target = ociReference(layoutName(store, name));
    return await transfer(images, { source, target, options, copy: await copyOptions(images) });
  });
}

/** Sends an artifact to the registry that its name says. @returns its digest there */
export async function pushArtifact(
  images: LocalImages,
  store: ArtifactStore,
  name: string,
  options: TransferOptions & { readonly signBy?: SigningKeys } = {},
): Promise<string> {
  const target = namedHere(store, name);
  const sign = options.signBy === undefined ? undefined : await signerFor(target, options.signBy);
  return await withArtifactLock(store, async () => {
    const source = ociReference(layoutName(store, name));
    // Whether it is here is asked before the registry is.
    await (await source.openSource({})).close();
    return await transfer(images, { source, target, options, copy: { ...(await copyOptions(images, { fromStore: true })), sign } });
  });
}

async function transfer(
  images: LocalImages,
  how: { readonly source: ImageReference; readonly target: ImageReference; readonly options: TransferOptions; readonly copy: CopyOptions },
): Promise<string> {
  const { retries, retryDelay } = how.options;
  const attempt = () => copyImage(how.source, how.target, { ...how.copy, preserveDigests: how.copy.decryptor === undefined });
  const report = await withRetries(attempt, retriesFor(images, { retries, retryDelay }));
  return report.digest;
}

/** Artifacts have no short names. */
/** That there is no such artifact is told before what is wrong with its name. */
function namedHere(store: ArtifactStore, name: string): ImageReference {
  try {
    return registryReference(name);
  } catch (error) {
    if (findArtifact(store, name) !== undefined) throw error;
    throw new ToolError("not-found", `no descriptor found for reference ${JSON.stringify(name)}`, { exitCode: 125, cause: error });
  }
}

function registryReference(name: string): ImageReference {
  try {
    return parseImageName(`docker://${parseName(name)}`);
  } catch (error) {
    throw new ToolError("invalid-argument", `${name}: artifacts need a registry's name in full, such as registry.example.com/name:tag`, {
      cause: error,
    });
  }
}
