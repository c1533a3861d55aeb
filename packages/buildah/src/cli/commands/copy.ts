import { defineCommand } from "@containers/common/cli/define-command";
import { addContent } from "../add-content.ts";
import { addCopyFlags } from "../flags/add-copy.ts";

/** `buildah copy`. */
export const copyCommand = defineCommand({
  name: "copy",
  summary: "Copy content into the container",
  description: "Copies the contents of a file or directory into a container's working directory.",
  usage: "CONTAINER SOURCE [[SOURCE...] DESTINATION]",
  examples: ["buildah copy containerID '/myapp/app.conf' '/myapp/app.conf'", "buildah copy containerID '/home/myuser/myproject.go'"],
  flags: addCopyFlags,
  args: { min: 0 },
  run: async (invocation) => {
    const digest = await addContent(invocation, false);
    if (!invocation.flags.quiet) invocation.out.stdout(`${digest}\n`);
    return undefined;
  },
});
