import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveVolume } from "../../../volumes/inspect.ts";
import { exportVolume } from "../../../volumes/transfer.ts";
import { onSide } from "../../on-side.ts";
import { writeStream } from "../../write-stream.ts";

/** `podman volume export`. */
export const volumeExportCommand = defineCommand({
  name: "export",
  summary: "Export volumes",
  description: "Writes a volume's files as a tar archive to a file or to standard output.",
  usage: "VOLUME",
  examples: ["podman volume export myvol --output myvol.tar", "podman volume export myvol > myvol.tar"],
  flags: { output: { type: "string", short: "o", description: "File to write; by default standard output" } },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.output === undefined && out.isTerminal)
      throw new ToolError("invalid-argument", "cannot write to terminal, use command-line redirection or the --output flag");
    const reference = args[0] ?? "";
    await onSide(invocation, {
      local: (engine) => writeStream(exportVolume(engine, resolveVolume(engine, reference, { exitCode: 125 }).name), flags.output),
      remote: async (service) => {
        const remote = await import("../../../remote/volumes/deeds.ts");
        await writeStream(await remote.exportVolume(service, reference), flags.output);
      },
    });
    return undefined;
  },
});
