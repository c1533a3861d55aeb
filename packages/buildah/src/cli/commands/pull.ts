import { defineCommand } from "@containers/common/cli/define-command";
import { pullAllTags, pullImages } from "@containers/image/local-images/pull";
import { parsePullPolicy } from "@containers/image/local-images/pull-policy";
import { blobCacheFlag, platformFlags, registryFlags, retryFlags } from "../flags/registry.ts";
import { openImages, platformChoice, retrySettings } from "../open-ports.ts";

/** `buildah pull`. */
export const pullCommand = defineCommand({
  name: "pull",
  summary: "Pull an image from the specified location",
  description:
    "Pulls an image from a registry and stores it locally.\n  An image can be pulled using its tag or digest. If a tag is not\n  specified, the image with the 'latest' tag (if it exists) is pulled.",
  usage: "IMAGE",
  examples: [
    "buildah pull imagename",
    "buildah pull docker-daemon:imagename:imagetag",
    "buildah pull myregistry/myrepository/imagename:imagetag",
  ],
  flags: {
    ...registryFlags,
    ...retryFlags,
    ...platformFlags,
    ...blobCacheFlag,
    "all-tags": { type: "bool", short: "a", description: "download all tagged images in the repository" },
    "decryption-key": { type: "stringSlice", description: "key needed to decrypt the image" },
    policy: { type: "string", default: "missing", description: "missing, always, ifnewer, or never." },
    quiet: { type: "bool", short: "q", description: "don't output progress information when pulling images" },
    "remove-signatures": { type: "bool", description: "don't copy signatures when pulling image" },
  },
  args: { min: 1, max: 1, missing: "an image name must be specified" },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const images = openImages(invocation, { quiet: flags.quiet });
    const platform = platformChoice(invocation);
    const options = {
      policy: parsePullPolicy(flags.policy),
      ...retrySettings(invocation),
      removeSignatures: flags.removeSignatures,
      ...(platform === undefined ? {} : { platform }),
    };
    const [name = ""] = args;
    const pulled = flags.allTags ? await pullAllTags(images, name, options) : await pullImages(images, name, options);
    for (const image of pulled) out.stdout(`${image.id}\n`);
    return undefined;
  },
});
