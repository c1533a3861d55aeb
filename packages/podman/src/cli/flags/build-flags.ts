import { buildFlags } from "@containers/buildah/index";
import { defineFlags } from "@containers/common/cli/define-command";

/** Flags of `podman build`: buildah's, with podman's defaults. */
export const podmanBuildFlags = defineFlags({
  ...buildFlags,
  "force-rm": {
    type: "bool",
    default: true,
    description: "Always remove intermediate containers after a build, even if the build is unsuccessful.",
  },
  layers: {
    type: "bool",
    default: true,
    description: "use intermediate layers during build. Use BUILDAH_LAYERS environment variable to override.",
  },
  load: { type: "bool", hidden: true, description: "accepted for compatibility: images always go to the local store" },
  "squash-all": { type: "bool", description: "squash all layers, those of the base image too, into a single layer" },
  progress: { type: "string", hidden: true, description: "accepted for compatibility: there is one kind of progress" },
});
