import { writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { artifactStore } from "@containers/image/artifacts/artifact-store";
import { pushArtifact } from "@containers/image/artifacts/transfer-artifact";
import { refuseSequoia, refuseSigning, signBy } from "../image/push.ts";
import { onImages, quietFlag, registryAccess, registryFlags, retriesOf, retryFlagsFor, signaturePolicyFlag } from "../image/with-images.ts";

/** `podman artifact push`. */
export const artifactPushCommand = defineCommand({
  name: "push",
  summary: "Push an OCI artifact to an image registry",
  description: "Sends an OCI artifact of the local store to the registry that its name says.",
  usage: "ARTIFACT",
  examples: ["podman artifact push quay.io/myimage/myartifact:latest"],
  flags: {
    ...registryFlags,
    digestfile: { type: "string", description: "Write the digest of what was pushed to this file" },
    ...quietFlag,
    ...retryFlagsFor("push"),
    "sign-by": { type: "string", description: "Add a signature at the destination using the specified key" },
    "sign-by-sigstore": { type: "string", description: "Sign the artifact using a sigstore parameter file at `PATH`" },
    "sign-by-sigstore-private-key": { type: "string", description: "Sign the artifact using a sigstore private key at `PATH`" },
    "sign-by-sq-fingerprint": { type: "string", description: "Sign the artifact using a Sequoia-PGP key with the specified `FINGERPRINT`" },
    "sign-passphrase-file": { type: "string", description: "Read a passphrase for signing from `PATH`" },
    ...signaturePolicyFlag,
  },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const [name = ""] = args;
    refuseSequoia(invocation);
    const retries = retriesOf(flags);
    const digest = await onImages(invocation, {
      local: ({ engine, images }) =>
        pushArtifact(images, artifactStore(engine.store.graphRoot), name, { ...retriesOf(flags, engine.config), signBy: signBy(flags) }),
      remote: async (service) => {
        refuseSigning(invocation);
        const remote = await import("../../../remote/artifacts/deeds.ts");
        return remote.pushArtifact(service, name, { ...retries, access: registryAccess(invocation) });
      },
    });
    if (flags.digestfile) writeFileSync(flags.digestfile, digest, { mode: 0o644 });
    return undefined;
  },
});
