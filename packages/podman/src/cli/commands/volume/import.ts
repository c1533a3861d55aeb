import { createReadStream, existsSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "@containers/storage/store";
import { importVolume } from "../../../volumes/transfer.ts";
import { engineFor } from "../container/targets.ts";
import { standardInput } from "../image/standard-input.ts";

/** `podman volume import`. */
export const volumeImportCommand = defineCommand({
  name: "import",
  summary: "Import a tarball into a volume",
  description: "Unpacks a tar archive, compressed or not, into a volume that there is.",
  usage: "VOLUME [SOURCE]",
  examples: ["podman volume import my_vol /home/user/import.tar", "cat ctr.tar | podman volume import my_vol -"],
  flags: {},
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const [reference = "", source = ""] = invocation.args;
    if (source !== "-" && !existsSync(source))
      throw new ToolError("invalid-argument", `unable open input file: open ${source}: no such file or directory`);
    await importVolume(engineFor(invocation), reference, source === "-" ? standardInput() : (createReadStream(source) as ByteStream));
    return undefined;
  },
});
