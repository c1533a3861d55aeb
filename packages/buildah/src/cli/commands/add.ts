import { defineCommand } from "@containers/common/cli/define-command";
import { addContent } from "../add-content.ts";
import { addCopyFlags } from "../flags/add-copy.ts";

/** `buildah add`. */
export const addCommand = defineCommand({
  name: "add",
  summary: "Add content to the container",
  description: "Copies the contents of a file or directory, unpacking archives, into a container's working directory.",
  usage: "CONTAINER SOURCE [[SOURCE...] DESTINATION]",
  examples: ["buildah add containerID '/myapp/app.conf' '/myapp/app.conf'", "buildah add containerID '/home/myuser/myproject.go'"],
  flags: addCopyFlags,
  args: { min: 0 },
  run: async (invocation) => {
    const digest = await addContent(invocation, true);
    if (!invocation.flags.quiet) invocation.out.stdout(`${digest}\n`);
    return undefined;
  },
});
