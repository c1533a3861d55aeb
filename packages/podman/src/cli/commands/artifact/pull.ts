import { defineCommand } from "@containers/common/cli/define-command";
import { artifactStore } from "@containers/image/artifacts/artifact-store";
import { pullArtifact } from "@containers/image/artifacts/transfer-artifact";
import { onImages, quietFlag, registryAccess, registryFlags, retriesOf, retryFlagsFor } from "../image/with-images.ts";

/** `podman artifact pull`. */
export const artifactPullCommand = defineCommand({
  name: "pull",
  summary: "Pull an OCI artifact from a registry and store it locally",
  description: "Fetches an OCI artifact from its registry into the local store.",
  usage: "ARTIFACT",
  examples: ["podman artifact pull quay.io/myimage/myartifact:latest"],
  flags: {
    ...registryFlags,
    "decryption-key": { type: "stringArray", description: "Key needed to decrypt the artifact (e.g. /path/to/key.pem)" },
    ...quietFlag,
    ...retryFlagsFor("pull"),
  },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const [name = ""] = args;
    const retries = retriesOf(flags);
    await onImages(invocation, {
      local: ({ engine, images }) => pullArtifact(images, artifactStore(engine.store.graphRoot), name, retriesOf(flags, engine.config)),
      remote: async (service) => {
        const remote = await import("../../../remote/artifacts/deeds.ts");
        return remote.pullArtifact(service, name, { ...retries, access: registryAccess(invocation) });
      },
    });
    return undefined;
  },
});
