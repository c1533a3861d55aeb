import { defineCommand } from "@containers/common/cli/define-command";
import { digestHex } from "@containers/common/digest/digest";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { artifactStore, listArtifacts, removeArtifact } from "@containers/image/artifacts/artifact-store";
import { onSide } from "../../on-side.ts";

/** `podman artifact rm`. */
export const artifactRmCommand = defineCommand({
  name: "rm",
  aliases: ["remove"],
  summary: "Remove one or more OCI artifacts",
  description: "Removes OCI artifacts from the local store.",
  usage: "ARTIFACT [ARTIFACT...]",
  examples: ["podman artifact rm quay.io/myimage/myartifact:latest", "podman artifact rm -a", "podman artifact rm -i c4dfb1609ee2"],
  flags: {
    all: { type: "bool", short: "a", description: "Remove all artifacts" },
    ignore: { type: "bool", short: "i", description: "Artifacts that are not there are no error" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.all && args.length > 0)
      throw new ToolError("invalid-argument", "when using the --all switch, you may not pass any artifact names or digests");
    if (!flags.all && args.length === 0) throw new ToolError("invalid-argument", "at least one artifact name or digest must be specified");
    await onSide(invocation, {
      local: async ({ store }) => {
        const artifacts = artifactStore(store.graphRoot);
        for (const name of flags.all ? listArtifacts(artifacts).map((artifact) => artifact.name) : args) {
          try {
            out.stdout(`${digestHex(await removeArtifact(artifacts, name))}\n`);
          } catch (error) {
            if (!flags.ignore || !isErrorOfKind(error, "not-found")) throw error;
          }
        }
      },
      remote: async (service) => {
        const { removeArtifacts } = await import("../../../remote/artifacts/deeds.ts");
        const digests = await removeArtifacts(service, { names: args, all: flags.all, ignore: flags.ignore });
        for (const digest of digests) out.stdout(`${digestHex(digest)}\n`);
      },
    });
    return undefined;
  },
});
