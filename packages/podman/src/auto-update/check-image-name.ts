import { ToolError } from "@containers/common/errors/tool-error";
import { isShortName } from "@containers/image/registries-conf/short-names";
import { transportOf } from "@containers/image/transports/register";
import { AUTO_UPDATE_LABEL } from "./policy.ts";

/**
 * A container that is to be updated from a registry has to say from which.
 *
 * @throws invalid-argument for a short name, or one of another transport
 */
export function checkUpdatedName(labels: Readonly<Record<string, string>>, image: string): void {
  if (!["registry", "image"].includes(labels[AUTO_UPDATE_LABEL] ?? "")) return;
  const transport = transportOf(image) ?? "docker";
  if (transport !== "docker") {
    throw new ToolError(
      "invalid-argument",
      `auto updates require the docker image transport but image is of transport ${JSON.stringify(transport)}`,
    );
  }
  if (!image.startsWith("docker://") && isShortName(image)) {
    throw new ToolError("invalid-argument", `short name: auto updates require fully-qualified image reference: ${JSON.stringify(image)}`);
  }
}
