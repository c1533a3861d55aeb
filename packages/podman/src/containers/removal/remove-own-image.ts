import { describeError } from "@containers/common/errors/tool-error";
import { removeImages } from "@containers/image/local-images/remove";
import type { Engine } from "../../engine/engine.ts";
import type { ContainerConfig } from "../config.ts";

/** `--rmi`: the image of a container that has gone. One that is still used stays, which is told and no error. */
export async function removeOwnImage(engine: Pick<Engine, "images" | "events" | "warn">, config: ContainerConfig): Promise<void> {
  const { reports, errors } = await removeImages(engine.images, [config.imageName === "" ? config.imageId : config.imageName], {
    ignore: true,
  });
  for (const { id, untagged, removed } of reports) {
    for (const name of untagged) engine.events.write({ type: "image", status: "untag", id, name });
    if (removed) engine.events.write({ type: "image", status: "remove", id, name: untagged[0] ?? "" });
  }
  for (const error of errors) engine.warn(`failed to remove image ${config.imageName}: ${describeError(error)}`);
}
