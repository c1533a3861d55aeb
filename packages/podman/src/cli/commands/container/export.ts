import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { exportContainer } from "../../../containers/export.ts";
import { resolveContainer } from "../../../locks/with-container-lock.ts";
import { onSide } from "../../on-side.ts";
import { writeStream } from "../../write-stream.ts";

/** `podman export`. */
export const exportCommand = defineCommand({
  name: "export",
  summary: "Export a container's file system as a tar archive",
  description:
    "Writes the container's whole file system as one tar archive to a file or to standard output. The content of tmpfs mounts is not in the archive, " +
    "nor is that of volumes: only what lies in the container's own layers.",
  usage: "CONTAINER",
  examples: ["podman export ctrID > myCtr.tar", 'podman export --output="myCtr.tar" ctrID'],
  flags: { output: { type: "string", short: "o", description: "File to write; by default standard output" } },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const output = flags.output || undefined;
    if (output?.includes(":") === true) throw new ToolError("invalid-argument", `invalid filename (should not contain ':') "${output}"`);
    if (output === undefined && out.isTerminal)
      throw new ToolError("invalid-argument", "refusing to export to terminal. Use -o flag or redirect");
    const [reference = ""] = args;
    await onSide(invocation, {
      local: (engine) => {
        resolveContainer(engine, reference);
        return writeStream(exportContainer(engine, reference), output);
      },
      remote: async (service) => {
        const remote = await import("../../../remote/containers/export.ts");
        await writeStream(await remote.exportContainer(service, reference), output);
      },
    });
    return undefined;
  },
});
