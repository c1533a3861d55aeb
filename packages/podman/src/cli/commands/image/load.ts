import { createReadStream, existsSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loadFrom } from "../../../images/image-deeds.ts";
import { standardInput } from "./standard-input.ts";
import { onImages, quietFlag, signaturePolicyFlag } from "./with-images.ts";

/** `podman load`, `podman image load`. */
export const imageLoadCommand = defineCommand({
  name: "load",
  summary: "Load image(s) from a tar archive",
  description: "Loads an image from a locally stored archive (tar file) into container storage.",
  flags: {
    input: { type: "string", short: "i", description: "Read from specified archive file (default: stdin)" },
    ...quietFlag,
    ...signaturePolicyFlag,
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { input } = invocation.flags;
    const url = input !== undefined && /^https?:\/\//.test(input);
    if (input && !url && !existsSync(input)) throw new ToolError("not-found", `faccessat ${input}: no such file or directory`);
    const names = await onImages(invocation, {
      local: (work) => loadFrom(work, input ? input : standardInput(), input),
      remote: (service, deeds) => {
        if (url) throw new ToolError("unsupported", "a URL cannot be loaded with the remote podman client");
        return deeds.loadImages(service, input ? createReadStream(input) : standardInput());
      },
    });
    invocation.out.stdout(`Loaded image: ${names.join("\nLoaded image: ")}\n`);
    return undefined;
  },
});
