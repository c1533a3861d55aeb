import { existsSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loadFrom } from "../../../images/image-deeds.ts";
import { standardInput } from "./standard-input.ts";
import { quietFlag, signaturePolicyFlag, withImages } from "./with-images.ts";

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
  run: (invocation) =>
    withImages(invocation, async ({ engine, images }) => {
      const { input } = invocation.flags;
      const url = input !== undefined && /^https?:\/\//.test(input);
      if (input && !url && !existsSync(input)) throw new ToolError("not-found", `faccessat ${input}: no such file or directory`);
      const names = await loadFrom({ engine, images }, input ? input : standardInput(), input);
      invocation.out.stdout(`Loaded image: ${names.join("\nLoaded image: ")}\n`);
    }),
});
