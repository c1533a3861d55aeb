import { ToolError } from "@containers/common/errors/tool-error";
import { readImageConfig } from "@containers/image/local-images/image-config";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { VolumeSpec } from "../../container-spec/volume-spec.ts";
import type { Engine } from "../../engine/engine.ts";
import { kubeAnnotations } from "../kube-annotations.ts";

/**
 * The volumes of images (`one;two`) that an annotation has mounted into a container, each where its image has it, for reading. Of several images
 * with a volume at one place the last counts.
 *
 * @throws ToolError not-found for an image that is not there
 */
export function automountsOf(
  engine: Pick<Engine, "images" | "store" | "warn">,
  container: string,
  annotations: Readonly<Record<string, string>>,
): VolumeSpec[] {
  const names = (annotations[`${kubeAnnotations.imageAutomount}/${container}`] ?? "").split(";").filter((name) => name !== "");
  const mounts = new Map<string, VolumeSpec>();
  for (const name of names) {
    const found = resolveLocalImage(engine.images, name);
    if (found === undefined) {
      throw new ToolError(
        "not-found",
        `image ${name} from container ${container} does not exist in local storage, cannot automount: image not known`,
        {
          exitCode: 125,
        },
      );
    }
    for (const path of Object.keys(readImageConfig(engine.store, found.image.id).config.Volumes ?? {})) {
      const before = mounts.get(path);
      if (before?.type === "image")
        engine.warn(`Multiple volume mounts to "${path}" requested, overriding image "${before.source}" with image ${found.name}`);
      mounts.set(path, { type: "image", source: found.name, target: path, readWrite: false, subpath: path });
    }
  }
  return [...mounts.values()];
}
