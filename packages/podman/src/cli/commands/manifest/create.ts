import { defineCommand } from "@containers/common/cli/define-command";
import { parseAnnotations } from "@containers/image/manifest-lists/annotate";
import { createList } from "@containers/image/manifest-lists/create";
import { onImages, registryAccess } from "../image/with-images.ts";
import { insecureFlag, withInsecure } from "./manifest-flags.ts";

/** `podman manifest create`. */
export const manifestCreateCommand = defineCommand({
  name: "create",
  summary: "Create manifest list or image index",
  description: "Creates manifest lists or image indexes.",
  usage: "LIST [IMAGE...]",
  examples: [
    "podman manifest create mylist:v1.11",
    "podman manifest create mylist:v1.11 arch-specific-image-to-add",
    "podman manifest create mylist:v1.11 arch-specific-image-to-add another-arch-specific-image-to-add",
    "podman manifest create --all mylist:v1.11 transport:tagged-image-to-add",
  ],
  flags: {
    all: { type: "bool", description: "add all of the lists' images if the images to add are lists" },
    amend: { type: "bool", short: "a", description: "modify an existing list if one with the desired name already exists" },
    annotation: { type: "stringArray", description: "set annotations on the new list" },
    "tls-verify": { type: "bool", default: true, description: "require HTTPS and verify certificates when accessing the registry" },
    ...insecureFlag,
  },
  args: { min: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [name = "", ...members] = args;
    const { all, amend } = flags;
    const annotations = parseAnnotations(flags.annotation, (word) => `no "=" found in annotation "${word}"`);
    const inUseAdvice = ", or use --amend to add to the list that has it";
    const id = await onImages(invocation, {
      local: ({ images }) => createList(withInsecure(images, invocation), name, members, { amend, all, annotations, inUseAdvice }),
      remote: async (service) => {
        const access = registryAccess(invocation);
        return (await import("../../../remote/manifests/deeds.ts")).createList(service, name, members, {
          amend,
          all,
          annotations: annotations ?? {},
          access,
        });
      },
    });
    out.stdout(`${id}\n`);
    return undefined;
  },
});
