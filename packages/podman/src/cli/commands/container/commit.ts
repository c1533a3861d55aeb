import { readFileSync, writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { commitContainer } from "../../../containers/commit.ts";
import type { CommitOptions } from "../../../containers/options.ts";
import { oneOf } from "../../flags/process-flags.ts";
import { onSide } from "../../on-side.ts";

/** `podman commit`. */
export const commitCommand = defineCommand({
  name: "commit",
  summary: "Make an image out of a container's changes",
  description: "Makes an image of a container's file system as it is now.",
  usage: "CONTAINER [IMAGE]",
  examples: [
    'podman commit -q --message "committing container to image" reverent_golick image-committed',
    "podman commit --change CMD=/bin/sh ctrID newimage",
  ],
  flags: {
    author: { type: "string", short: "a", description: "Author of the image" },
    change: { type: "stringArray", short: "c", description: "Containerfile instruction to apply" },
    config: { type: "string", valueName: "file", description: "Merge this image configuration in" },
    format: {
      type: "string",
      short: "f",
      default: "oci",
      valueName: "Format",
      description: "Format of the image's manifest (oci, docker)",
    },
    iidfile: { type: "string", valueName: "file", description: "Write the image's id to this file" },
    "include-volumes": { type: "bool", description: "Include the volumes' content" },
    message: { type: "string", short: "m", description: "Commit message, kept by the format docker" },
    pause: { type: "bool", short: "p", description: "Pause the container meanwhile" },
    quiet: { type: "bool", short: "q", description: "Show no progress" },
    squash: { type: "bool", short: "s", description: "Make one layer" },
  },
  args: { min: 1, max: 2 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const format = oneOf("format", flags.format, ["oci", "docker"]);
    if (flags.message !== undefined && format !== "docker")
      throw new ToolError("invalid-argument", "messages are only compatible with the docker image format (-f docker)");
    const [reference = "", name] = args;
    const options: CommitOptions = {
      name,
      author: flags.author,
      message: flags.message,
      changes: flags.change,
      format,
      pause: flags.pause,
      includeVolumes: flags.includeVolumes,
      squash: flags.squash,
      ...(flags.config ? { override: readConfig(flags.config) } : {}),
    };
    const id = await onSide(invocation, {
      local: (engine) =>
        commitContainer(engine, reference, flags.quiet ? options : { ...options, report: (line) => out.stderr(`${line}\n`) }),
      remote: async (service) => (await import("../../../remote/containers/commit.ts")).commitContainer(service, reference, options),
    });
    if (flags.iidfile !== undefined) writeFileSync(flags.iidfile, id);
    out.stdout(`${id}\n`);
    return undefined;
  },
});

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw wrapError("--config", error);
  }
}
