import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defineCommand } from "@containers/common/cli/define-command";
import { isTerminal } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { prunePulledUp } from "../../commit/prune-pulled-up.ts";
import { mergeEnvironment } from "../../containerfile/words/environment.ts";
import { timestampNow } from "../../executor/clock.ts";
import { runPorts } from "../../executor/run-ports.ts";
import { executeRun } from "../../run/execute-run.ts";
import { prepareMounts } from "../../run/mounts.ts";
import { saveWorkingContainer } from "../../working-container/create.ts";
import { openWorkingContainer } from "../../working-container/open.ts";
import { hostDirectoryFlags } from "../flags/registry.ts";
import { runFlags } from "../flags/run-environment.ts";
import { openBuildPorts } from "../open-ports.ts";
import { runSettings } from "../run-settings.ts";

/** `buildah run`. */
export const runCommand = defineCommand({
  name: "run",
  summary: "Run a command inside of the container",
  description:
    "Runs a specified command using the container's root filesystem as a root\n  filesystem, using configuration settings inherited from the container's\n  image or as specified using previous calls to the config command.",
  usage: "CONTAINER COMMAND [ARGS...]",
  examples: ["buildah run containerID -- ps -auxw", "buildah run --terminal containerID /bin/bash"],
  flags: {
    ...runFlags,
    ...hostDirectoryFlags,
    "add-history": {
      type: "bool",
      description: "add an entry for this operation to the image's history. Use BUILDAH_HISTORY environment variable to override.",
    },
    contextdir: { type: "string", description: "context directory path" },
    env: {
      type: "stringArray",
      short: "e",
      description: "add environment variable to be set temporarily when running command (default [])",
    },
    hostname: { type: "string", description: "set the hostname inside of the container" },
    mount: { type: "stringArray", description: "attach a filesystem mount to the container (default [])" },
    "no-pivot": { type: "bool", description: "do not use pivot root to jail process inside rootfs" },
    terminal: { type: "bool", short: "t", aliases: ["tty"], description: "allocate a pseudo-TTY in the container" },
    user: { type: "string", description: "`user[:group]` to run the command as" },
    workingdir: { type: "string", description: "temporarily set working directory for command" },
  },
  args: { min: 0 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const { flags, args } = invocation;
    const [name, ...rest] = args;
    if (name === undefined) throw new ToolError("invalid-argument", "container ID must be specified");
    const command = rest[0] === "--" ? rest.slice(1) : rest;
    const ports = await openBuildPorts(invocation);
    const { store } = ports.images;
    const container = openWorkingContainer(store, name);
    if (command.length === 0) throw new ToolError("invalid-argument", "command must be specified");
    const settings = runSettings(invocation);
    const directory = mkdtempSync(join(store.containers.directory(container.id), "run-"));
    const mountPoint = store.containers.mount(container.id);
    let mounted = true;
    try {
      const workingDir = flags.workingdir ?? container.config.workingDir;
      const mounts = await prepareMounts(flags.mount, {
        sys: ports.sys,
        workingDir,
        secrets: new Map(),
        sshSources: new Map(),
        directory,
        sourceRoot: async () => flags.contextdir ?? process.cwd(),
      });
      try {
        const terminal = flags.terminal && isTerminal(0);
        const report = await executeRun(runPorts(ports), {
          container,
          rootfs: mountPoint,
          directory,
          args: command,
          env: mergeEnvironment(container.config.env, [...flags.env.flatMap(environmentEntry), ...mounts.env]),
          user: flags.user ?? container.config.user,
          workingDir,
          mounts: mounts.mounts,
          settings: {
            ...settings,
            ...(container.network === undefined || settings.network !== undefined ? {} : { network: container.network }),
          },
          stdio: [0, 1, 2],
          ...(terminal ? { terminal } : {}),
          ...(flags.hostname === undefined ? {} : { hostname: flags.hostname }),
        });
        mounted = !store.containers.unmount(container.id);
        const layer = store.containers.get(container.id)?.layer;
        if (!mounted && layer !== undefined && store.driverName === "overlay")
          prunePulledUp(ports.sys, store.layers.diffPath(layer), report.pulledUp);
        if (report.exitCode !== 0)
          throw new ToolError("invalid-state", `while running runtime: exit status ${report.exitCode}`, {
            exitCode: report.exitCode,
            code: "run-failed",
          });
      } finally {
        mounts.close();
      }
    } finally {
      if (mounted) store.containers.unmount(container.id);
      rmSync(directory, { recursive: true, force: true });
    }
    if (flags.addHistory || process.env["BUILDAH_HISTORY"] === "true") {
      const entry = { created: timestampNow(), createdBy: `/bin/sh -c ${command.join(" ")}`, emptyLayer: true };
      saveWorkingContainer(store, { ...container, createdBy: entry.createdBy });
    }
    return undefined;
  },
});

function environmentEntry(text: string): string[] {
  if (text.includes("=")) return [text];
  const value = process.env[text];
  return value === undefined ? [] : [`${text}=${value}`];
}
