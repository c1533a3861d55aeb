import { readFileSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { addToList } from "@containers/image/manifest-lists/add";
import { addArtifactToList } from "@containers/image/manifest-lists/add-artifact";
import { annotateEntry } from "@containers/image/manifest-lists/annotate";
import { requireList } from "@containers/image/manifest-lists/list-record";
import { registryFlags } from "../../flags/registry.ts";
import { entryChanges, entryFlags, insecureFlag, listAnnotations, openManifestImages } from "./manifest-flags.ts";

const artifactFlags = {
  "artifact-annotation": { type: "stringSlice", description: "artifact annotation" },
  "artifact-config": { type: "string", description: "artifact configuration file" },
  "artifact-config-type": {
    type: "string",
    default: "application/vnd.oci.empty.v1+json",
    description: "artifact configuration media type",
  },
  "artifact-exclude-titles": {
    type: "bool",
    description: 'refrain from setting "org.opencontainers.image.title" annotations on "layers"',
  },
  "artifact-layer-type": { type: "string", description: "artifact layer media type" },
  "artifact-subject": { type: "string", description: "artifact subject reference" },
  "artifact-type": { type: "string", description: "artifact media type" },
} as const;

const flags = {
  all: { type: "bool", description: "add all of the list's images if the image is a list" },
  artifact: { type: "bool", description: "treat the argument as a file name and add it as an artifact" },
  ...artifactFlags,
  ...entryFlags,
  authfile: registryFlags.authfile,
  "cert-dir": registryFlags["cert-dir"],
  creds: registryFlags.creds,
  "tls-verify": registryFlags["tls-verify"],
  ...insecureFlag,
} as const;

type Add = Invocation<FlagValues<typeof flags>>;

/** `buildah manifest add`. */
export const addCommand = defineCommand({
  name: "add",
  summary: "Add images or artifacts to a manifest list or image index",
  description: "Adds an image or artifact to a manifest list or image index.",
  usage: "LIST IMAGEORARTIFACT",
  examples: ["buildah manifest add mylist:v1.11 image:v1.11-amd64", "buildah manifest add mylist:v1.11 transport:imageName"],
  flags,
  args: { min: 2, missing: "at least a list image and an image or artifact to add must be specified" },
  run: async (invocation) => {
    const { flags: values, args, out } = invocation;
    const [name = "", ...members] = args;
    if (!values.artifact) checkImageFlags(invocation, members);
    const changes = entryChanges(values);
    const images = openManifestImages(invocation);
    const { id } = requireList(images, name);
    const digest = values.artifact
      ? await addArtifactToList(images, id, members, artifactOptions(invocation))
      : await addToList(images, id, members[0] ?? "", { all: values.all });
    await annotateEntry(images, id, digest, changes);
    out.stdout(`${id}: ${digest}\n`);
    return undefined;
  },
});

function artifactOptions({ flags: values, given }: Add): Parameters<typeof addArtifactToList>[3] {
  return {
    type: given("artifact-type") ? (values.artifactType ?? "") : undefined,
    config: values.artifactConfig ? readFileSync(values.artifactConfig) : undefined,
    configType: values.artifactConfigType,
    layerType: values.artifactLayerType,
    excludeTitles: values.artifactExcludeTitles,
    subject: values.artifactSubject,
    annotations: listAnnotations(values.artifactAnnotation),
  };
}

function checkImageFlags(invocation: Add, members: readonly string[]): void {
  if (members.length > 1) throw new ToolError("invalid-argument", "too many arguments: expected list and image add to list");
  const given = Object.keys(artifactFlags).filter((flag) => invocation.given(flag));
  if (given.length === 0) return;
  const names = given.map((flag) => `--${flag}`).join("/");
  throw new ToolError("invalid-argument", `${names} ${given.length === 1 ? "requires" : "require"} --artifact`);
}
