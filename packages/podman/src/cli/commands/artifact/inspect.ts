import { defineCommand } from "@containers/common/cli/define-command";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { type Artifact, artifactStore, requireArtifact } from "@containers/image/artifacts/artifact-store";
import { onSide } from "../../on-side.ts";
import { inspectFormatFlag } from "../inspect-output.ts";

/** `podman artifact inspect`. */
export const artifactInspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspect an OCI artifact",
  description: "Shows an OCI artifact of the local store.",
  usage: "ARTIFACT",
  examples: ["podman artifact inspect quay.io/myimage/myartifact:latest"],
  flags: inspectFormatFlag,
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [reference = ""] = args;
    const artifact = await onSide<Artifact, typeof flags>(invocation, {
      local: ({ store }) => requireArtifact(artifactStore(store.graphRoot), reference),
      remote: async (service) => (await import("../../../remote/artifacts/deeds.ts")).inspectArtifact(service, reference),
    });
    const format = flags.format ?? "";
    if (format === "" || isJsonFormat(format)) out.stdout(`${toJson(artifactJson(artifact), { indent: 5 })}\n`);
    else out.stdout(formatRows(format, [templateData(artifact)], { name: "inspect", json: [artifactJson(artifact)] }));
    return undefined;
  },
});

/** An artifact as the original shows it: `Manifest`, `Name`, `Digest`. */
export function artifactJson({ name, digest, bytes }: Artifact): Record<string, unknown> {
  return { Manifest: JSON.parse(new TextDecoder().decode(bytes)) as unknown, Name: name, Digest: digest };
}

/** What templates read: the manifest's fields in Go's spelling. */
function templateData(artifact: Artifact): Record<string, unknown> {
  const { manifest, name, digest, size } = artifact;
  const descriptor = (entry: Artifact["manifest"]["config"]): Record<string, unknown> => ({
    MediaType: entry.mediaType,
    Digest: entry.digest,
    Size: entry.size,
    Annotations: entry.annotations ?? {},
  });
  return {
    Name: name,
    Digest: digest,
    TotalSizeBytes: size,
    Manifest: {
      SchemaVersion: 2,
      MediaType: manifest.mediaType,
      ArtifactType: manifest.artifactType ?? "",
      Config: descriptor(manifest.config),
      Layers: manifest.layers.map(descriptor),
      Annotations: manifest.annotations ?? {},
    },
  };
}
