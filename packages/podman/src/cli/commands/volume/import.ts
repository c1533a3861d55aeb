import { createReadStream, existsSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ByteStream } from "@containers/storage/store";
import { importVolume } from "../../../volumes/transfer.ts";
import { onSide } from "../../on-side.ts";
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
    const archive = (): ByteStream => (source === "-" ? standardInput() : (createReadStream(source) as ByteStream));
    await onSide(invocation, {
      local: (engine) => importVolume(engine, reference, archive()),
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).importVolume(service, reference, archive()),
    });
    return undefined;
  },
});
