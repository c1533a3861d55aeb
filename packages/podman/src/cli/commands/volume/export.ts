import { closeSync, openSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { writeFully } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveVolume } from "../../../volumes/inspect.ts";
import { exportVolume } from "../../../volumes/transfer.ts";
import { engineFor } from "../container/targets.ts";

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
    const engine = engineFor(invocation);
    const { name } = resolveVolume(engine, args[0] ?? "");
    const fd = flags.output === undefined ? 1 : openSync(flags.output, "w", 0o644);
    try {
      for await (const chunk of exportVolume(engine, name)) writeFully(fd, chunk);
    } finally {
      if (fd !== 1) closeSync(fd);
    }
    return undefined;
  },
});
