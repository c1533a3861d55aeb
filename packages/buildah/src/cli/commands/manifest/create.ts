import { defineCommand } from "@containers/common/cli/define-command";
import { createList } from "@containers/image/manifest-lists/create";
import { registryFlags } from "../../flags/registry.ts";
import { insecureFlag, listAnnotations, openManifestImages } from "./manifest-flags.ts";

/** `buildah manifest create`. */
export const createCommand = defineCommand({
  name: "create",
  summary: "Create manifest list or image index",
  description: "Creates manifest lists and image indexes.",
  usage: "LIST [IMAGE...]",
  examples: [
    "buildah manifest create mylist:v1.11",
    "buildah manifest create mylist:v1.11 arch-specific-image-to-add",
    "buildah manifest create --all mylist:v1.11 transport:tagged-image-to-add",
  ],
  flags: {
    all: { type: "bool", description: "add all of the lists' images if the images to add are lists" },
    amend: { type: "bool", description: "modify an existing list if one with the desired name already exists" },
    annotation: { type: "stringArray", valueName: "annotation", description: "set an `annotation` for the image index" },
    "tls-verify": registryFlags["tls-verify"],
    ...insecureFlag,
    os: { type: "string", hidden: true, description: "if any of the specified images is a list, choose the one for `os`" },
    arch: { type: "string", hidden: true, description: "if any of the specified images is a list, choose the one for `arch`" },
  },
  args: { min: 1, missing: "at least a name must be specified for the list" },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", ...members] = args;
    const id = await createList(openManifestImages(invocation), name, members, {
      amend: flags.amend,
      all: flags.all,
      annotations: listAnnotations(flags.annotation),
      platform: { os: flags.os, architecture: flags.arch },
    });
    out.stdout(`${id}\n`);
    return undefined;
  },
});
