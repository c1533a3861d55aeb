import { createReadStream } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { parseCopyArguments } from "../../../containers/copy/copy-argument.ts";
import { type CopyOptions, copyFiles } from "../../../containers/copy/copy-files.ts";
import { onSide } from "../../on-side.ts";

/** `podman cp`. */
export const cpCommand = defineCommand({
  name: "cp",
  summary: "Copy files between containers and the host",
  description:
    "Copies files and directories between containers and the host. A container's paths are relative to its working directory; `-` stands for a tar archive on standard input or output.",
  usage: "[CONTAINER:]SRC_PATH [CONTAINER:]DEST_PATH",
  examples: ["podman cp ctrID:/path/to/file /path/on/host", "podman cp - ctrID:/dir < archive.tar", "podman cp one:/data two:/data"],
  flags: {
    archive: { type: "bool", short: "a", default: true, description: "Give copied files to the user that the container runs as" },
    extract: { type: "bool", hidden: true, description: "Accepted for old scripts; has no effect" },
    overwrite: { type: "bool", description: "Let files and directories replace each other" },
    pause: { type: "bool", hidden: true, default: true, description: "Accepted for old scripts; has no effect" },
  },
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const [source, destination] = parseCopyArguments(args[0] ?? "", args[1] ?? "");
    const options: CopyOptions = {
      chown: flags.archive,
      overwrite: flags.overwrite,
      input: () => createReadStream("", { fd: 0, autoClose: false }),
      output: (chunk) => out.stdout(chunk),
    };
    await onSide(invocation, {
      local: (engine) => copyFiles(engine, source, destination, options),
      remote: async (service) => (await import("../../../remote/containers/copy.ts")).copyFiles(service, source, destination, options),
    });
    return undefined;
  },
});
