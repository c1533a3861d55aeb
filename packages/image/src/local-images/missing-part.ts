import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageRecord, Store } from "@containers/storage/store";

/** The manifest or config that an image's record names and the store has lost, as the error that the original gives; undefined when both are there. */
export function missingPart(store: Store, image: ImageRecord): ToolError | undefined {
  const lost = ["manifest", `sha256:${image.id}`].find((key) => image.bigDataNames.includes(key) && !store.images.hasBigData(image, key));
  if (lost === undefined) return undefined;
  const what = `locating item named ${JSON.stringify(lost)} for image with ID ${JSON.stringify(image.id)}`;
  return new ToolError("corrupt", `${what} (consider removing the image to resolve the issue): file does not exist`);
}
