import { pathToFileURL } from "node:url";
import { ToolError } from "@containers/common/errors/tool-error";
import { manifestDigest } from "../manifest/manifest-digest.ts";
import { isListType } from "../manifest/media-types.ts";
import { parseManifestList } from "../manifest/parse.ts";
import type { ImageContext, ImageReference } from "../transports/transport.ts";
import { lookasideOf, readLookaside, writeLookaside } from "./lookaside.ts";
import { loadRegistriesD, registriesDirectory } from "./registries-d.ts";
import { type SignWithGpg, signManifest } from "./simple-signing/sign.ts";

export interface SignImageOptions {
  readonly signBy: SignWithGpg;
  /** Of a list, its images as well. */
  readonly all?: boolean;
  /** Where to put the signatures, instead of the lookaside that registries.d names. */
  readonly directory?: string;
}

/**
 * Signs an image under its name in a registry, wherever it is; the signature goes to the lookaside, behind those that are there.
 *
 * @throws invalid-argument for an image without such a name
 */
export async function signImage(reference: ImageReference, context: ImageContext, options: SignImageOptions): Promise<void> {
  const { dockerReference: name } = reference;
  if (name === undefined) {
    throw new ToolError(
      "invalid-argument",
      `${reference.transport}:${reference.withinTransport} has no registry's name, and only such images are signed`,
    );
  }
  const configured = lookasideOf(
    loadRegistriesD(registriesDirectory(context.registry?.registriesDir)),
    { name, scopes: reference.policyScopes },
    "write",
  );
  const lookaside = options.directory === undefined ? configured : { ...configured, base: pathToFileURL(options.directory) };
  const source = await reference.openSource(context);
  try {
    const top = await source.manifest();
    const manifests = [top.bytes];
    if (options.all === true && isListType(top.mediaType)) {
      for (const { digest } of parseManifestList(top.bytes, top.mediaType).manifests) manifests.push((await source.manifest(digest)).bytes);
    }
    for (const manifest of manifests) {
      const digest = manifestDigest(manifest);
      const present = await readLookaside(lookaside, digest, context.signal);
      writeLookaside(lookaside, digest, [...present, await signManifest(manifest, name, options.signBy)]);
    }
  } finally {
    await source.close();
  }
}
