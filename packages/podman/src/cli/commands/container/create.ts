import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { createContainer } from "../../../containers/create.ts";
import { containerSpec, createFlags, writeIdFile } from "../../flags/create-flags.ts";
import { engineForImages } from "./engine-for-images.ts";

/** `podman create`. */
export const createCommand = defineCommand({
  name: "create",
  summary: "Create a container without starting it",
  description: "Makes a container out of an image and prints its id. It is started by podman start.",
  usage: "IMAGE [COMMAND [ARG...]]",
  examples: ["podman create alpine ls", "podman create --annotation HELLO=WORLD alpine ls"],
  flags: { ...createFlags, "init-ctr": { type: "string", description: "Make an init container of a pod (not supported yet)" } },
  args: { min: 1 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    if (invocation.given("init-ctr")) throw new ToolError("unsupported", "--init-ctr is not supported yet");
    const { config } = await createContainer(engineForImages(invocation), containerSpec(invocation));
    writeIdFile(invocation.flags.cidfile, config.id);
    invocation.out.stdout(`${config.id}\n`);
    return undefined;
  },
});
