import { readFileSync } from "node:fs";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { addToList } from "@containers/image/manifest-lists/add";
import { addArtifactToList } from "@containers/image/manifest-lists/add-artifact";
import { annotateEntry, annotateIndex } from "@containers/image/manifest-lists/annotate";
import { requireList } from "@containers/image/manifest-lists/list-record";
import type { Service } from "../../../remote/service.ts";
import { onImages, registryAccess, registryFlags } from "../image/with-images.ts";
import { entryChanges, entryFlags, insecureFlag, withInsecure } from "./manifest-flags.ts";

const artifactFlags = {
  "artifact-config": { type: "string", description: "artifact configuration file" },
  "artifact-config-type": { type: "string", description: "artifact configuration media type" },
  "artifact-exclude-titles": {
    type: "bool",
    description: 'refrain from setting "org.opencontainers.image.title" annotations on "layers"',
  },
  "artifact-layer-type": { type: "string", description: "artifact layer media type" },
  "artifact-subject": { type: "string", description: "artifact subject reference" },
  "artifact-type": { type: "string", description: "override the artifactType value" },
} as const;

const flags = {
  all: { type: "bool", description: "add all of the list's images if the image is a list" },
  artifact: { type: "bool", description: "add all arguments as artifact files rather than as images" },
  ...artifactFlags,
  ...entryFlags,
  ...registryFlags,
  ...insecureFlag,
} as const;

/** `podman manifest add`. */
export const manifestAddCommand = defineCommand({
  name: "add",
  summary: "Add images or artifacts to a manifest list or image index",
  description: "Adds an image or artifact to a manifest list or image index.",
  usage: "LIST IMAGEORARTIFACT [IMAGEORARTIFACT...]",
  examples: ["podman manifest add mylist:v1.11 image:v1.11-amd64", "podman manifest add mylist:v1.11 transport:imageName"],
  flags,
  args: { min: 2 },
  run: async (invocation) => {
    const id = await onImages(invocation, {
      local: ({ images }) => add(withInsecure(images, invocation), invocation),
      remote: (service) => addRemotely(service, invocation),
    });
    invocation.out.stdout(`${id}\n`);
    return undefined;
  },
});

async function addRemotely(service: Service, invocation: Invocation<FlagValues<typeof flags>>): Promise<string> {
  const { flags: values, args } = invocation;
  if (!values.artifact) refuseArtifactFlags(invocation);
  const { changeList } = await import("../../../remote/manifests/deeds.ts");
  const access = registryAccess(invocation);
  const [name = "", ...members] = args;
  const { annotations, architecture: arch, features, os, osVersion: os_version, variant } = entryChanges(values);
  const change = { operation: "update", annotations, arch, features, os, os_version, variant } as const;
  if (!values.artifact) return changeList(service, name, { ...change, images: members, all: values.all }, access);
  const artifact = {
    artifact_type: invocation.given("artifact-type") ? values.artifactType : undefined,
    artifact_config: values.artifactConfig ? readFileSync(values.artifactConfig, "utf8") : undefined,
    artifact_config_type: values.artifactConfigType,
    artifact_layer_type: values.artifactLayerType,
    artifact_exclude_titles: values.artifactExcludeTitles,
  };
  const id = await changeList(service, name, { ...change, ...artifact, images: [], files: members }, access);
  // Of the whole index, as without a service.
  if (values.artifactSubject)
    await changeList(service, name, { operation: "annotate", images: [], subject: values.artifactSubject }, access);
  return id;
}

async function add(images: LocalImages, invocation: Invocation<FlagValues<typeof flags>>): Promise<string> {
  const { flags: values, args } = invocation;
  if (!values.artifact) refuseArtifactFlags(invocation);
  const changes = entryChanges(values);
  const [name = "", ...members] = args;
  const { id } = requireList(images, name);
  if (!values.artifact) {
    for (const member of members) await annotateEntry(images, id, await addToList(images, id, member, { all: values.all }), changes);
    return id;
  }
  const digest = await addArtifactToList(images, id, members, {
    type: invocation.given("artifact-type") ? (values.artifactType ?? "") : undefined,
    config: values.artifactConfig ? readFileSync(values.artifactConfig) : undefined,
    configType: values.artifactConfigType,
    layerType: values.artifactLayerType,
    excludeTitles: values.artifactExcludeTitles,
  });
  await annotateEntry(images, id, digest, changes);
  // As the original has it, the flag sets the subject of the whole index.
  if (values.artifactSubject) await annotateIndex(images, id, { subject: values.artifactSubject });
  return id;
}

function refuseArtifactFlags(invocation: Invocation<FlagValues<typeof flags>>): void {
  const given = Object.keys(artifactFlags).filter((flag) => invocation.given(flag));
  if (given.length === 0) return;
  const names = given.map((flag) => `--${flag}`).join("/");
  throw new ToolError("invalid-argument", `${names} ${given.length === 1 ? "requires" : "require"} --artifact`);
}
