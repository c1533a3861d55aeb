import { mkdtempSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { parseDigest } from "@containers/common/digest/digest";
import { verifyingStream } from "@containers/common/digest/verifying-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { isSchema1 } from "@containers/image/manifest/media-types";
import { parseImageManifest } from "@containers/image/manifest/parse";
import { parseSchema1 } from "@containers/image/manifest/schema1/schema1";
import { dirTransport } from "@containers/image/transports/dir/reference";
import type { ImageDestination, ImageSource, RawManifest } from "@containers/image/transports/transport";
import { openChosen } from "../../proxy/proxied-image.ts";
import { imageContext, imageFlags, retryFlags } from "../flags/image.ts";
import { parseName, type SkopeoCommand, withCommand } from "../with-command.ts";

const flags = { ...imageFlags, ...retryFlags } as const;

/** `skopeo layers`, which the original keeps for old callers. */
export const layersCommand = defineCommand({
  name: "layers",
  summary: "Get layers of IMAGE-NAME",
  description:
    "Writes layers of an image, by default all, and its manifest into a new directory layers-… in the current one. Deprecated: use skopeo copy.",
  usage: "IMAGE-NAME [LAYER...]",
  examples: ["skopeo layers docker://docker.io/library/alpine"],
  flags,
  args: { min: 0 },
  hidden: true,
  needsUserNamespace: false,
  run: (invocation) => withCommand(invocation, (command) => layers(invocation, command)),
});

async function layers({ args, out }: Invocation<FlagValues<typeof flags>>, command: SkopeoCommand): Promise<void> {
  out.stderr("DEPRECATED: skopeo layers is deprecated in favor of skopeo copy\n");
  const [name, ...wanted] = args;
  if (name === undefined) throw new ToolError("invalid-argument", "Usage: layers imageReference [layer...]");
  const digests = wanted.map((text) => parseDigest(text.startsWith("sha256:") ? text : `sha256:${text}`));
  const context = imageContext(command, "", command.signal);
  const reference = parseName(`Invalid image name ${name}`, name);
  // No trust policy is asked, as with the original: nothing is run or stored from what comes.
  const image = await command.retrying(() => openChosen(reference, context, async () => undefined));
  try {
    const chosen = digests.length > 0 ? digests.map((digest) => ({ digest, isConfig: false })) : distinct(blobsOf(image.raw));
    const destination = await dirTransport.parse(mkdtempSync("./layers-")).openDestination({});
    try {
      for (const blob of chosen) await command.retrying(() => copyBlob(image.source, destination, blob));
      await destination.putManifest(image.raw.bytes, image.raw.mediaType);
      await destination.commit(image.raw);
    } finally {
      await destination.close();
    }
  } finally {
    await image.source.close();
  }
}

interface WantedBlob {
  readonly digest: string;
  readonly isConfig: boolean;
}

/** Layers from below upwards, then the config, which Docker's first schema does not have. */
function blobsOf({ bytes, mediaType }: RawManifest): readonly WantedBlob[] {
  if (isSchema1(mediaType))
    return parseSchema1(bytes)
      .layers.toReversed()
      .map(({ digest }) => ({ digest, isConfig: false }));
  const { layers, config } = parseImageManifest(bytes, mediaType);
  return [...layers.map(({ digest }) => ({ digest, isConfig: false })), { digest: config.digest, isConfig: true }];
}

async function copyBlob(source: ImageSource, destination: ImageDestination, { digest, isConfig }: WantedBlob): Promise<void> {
  const { stream, size } = await source.blob({ digest, size: -1 });
  await destination.putBlob(verifyingStream(stream, { digest, what: `blob ${digest}` }), { digest, size }, { isConfig });
}

function distinct(blobs: readonly WantedBlob[]): readonly WantedBlob[] {
  return [...new Map(blobs.map((blob) => [blob.digest, blob])).values()];
}
