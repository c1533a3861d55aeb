import { defineCommand } from "@containers/common/cli/define-command";
import { artifactStore } from "@containers/image/artifacts/artifact-store";
import { extractArtifact } from "@containers/image/artifacts/extract-artifact";
import { onSide } from "../../on-side.ts";

/** `podman artifact extract`. */
export const artifactExtractCommand = defineCommand({
  name: "extract",
  summary: "Extract an OCI artifact to a local path",
  description: "Copies the files of an OCI artifact to a file, or into a directory.",
  usage: "ARTIFACT PATH",
  examples: ["podman artifact extract quay.io/myimage/myartifact:latest /tmp/foobar.txt"],
  flags: {
    digest: { type: "string", description: "Only the file with this digest" },
    title: { type: "string", description: "Only the file with this title" },
  },
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const [name = "", target = ""] = args;
    const choice = { digest: flags.digest || undefined, title: flags.title || undefined };
    await onSide(invocation, {
      local: ({ store }) => extractArtifact(artifactStore(store.graphRoot), name, target, choice),
      remote: async (service) => (await import("../../../remote/artifacts/extract.ts")).extractArtifact(service, name, target, choice),
    });
    return undefined;
  },
});
