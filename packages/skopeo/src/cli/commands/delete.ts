import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { transportNames } from "@containers/image/transports/register";
import { imageContext, imageFlags, retryFlags } from "../flags/image.ts";
import { imageNotFound, parseName, withCommand } from "../with-command.ts";

/** `skopeo delete`. */
export const deleteCommand = defineCommand({
  name: "delete",
  summary: "Delete image IMAGE-NAME",
  description: `Delete an "IMAGE_NAME" from a transport
Supported transports:
${transportNames().join(", ")}
See skopeo(1) section "IMAGE NAMES" for the expected format
`,
  usage: "IMAGE-NAME",
  examples: ["skopeo delete docker://registry.example.com/example/pause:latest"],
  flags: { ...imageFlags, ...retryFlags },
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) =>
    withCommand(invocation, async (command) => {
      const [name, more] = invocation.args;
      if (name === undefined || more !== undefined) throw new ToolError("invalid-argument", "Usage: delete imageReference");
      const reference = parseName(`Invalid source name ${name}`, name);
      const context = imageContext(command, "", command.signal);
      try {
        await command.retrying(() => reference.delete(context));
      } catch (error) {
        if (!imageNotFound(error) || reference.dockerReference === undefined || reference.transport !== "docker") throw error;
        throw new ToolError(
          "not-found",
          `Unable to delete ${reference.dockerReference}. Image may not exist or is not stored with a v2 Schema in a v2 registry`,
          { exitCode: 1 },
        );
      }
    }),
});
