import { defineCommand } from "@containers/common/cli/define-command";
import { artifactStore } from "@containers/image/artifacts/artifact-store";
import { extractArtifact } from "@containers/image/artifacts/extract-artifact";
import { engineFor } from "../container/targets.ts";

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
  run: (invocation) => {
    const { flags, args } = invocation;
    const [name = "", target = ""] = args;
    const choice = { digest: flags.digest || undefined, title: flags.title || undefined };
    extractArtifact(artifactStore(engineFor(invocation).store.graphRoot), name, target, choice);
    return undefined;
  },
});
