import { defineCommand, type FlagValues } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { ArchiveCompression } from "../../../containers/checkpoint/archive.ts";
import { type CheckpointOptions, type CheckpointReport, checkpointContainers } from "../../../containers/checkpoint/checkpoint.ts";
import { tracksMemory } from "../../../containers/checkpoint/criu.ts";
import { onSide } from "../../on-side.ts";
import { type Choice, chooseContainers, chooseFrom, latestFlag } from "./targets.ts";

const flags = {
  ...latestFlag,
  all: { type: "bool", short: "a", description: "Checkpoint all running containers" },
  compress: {
    type: "string",
    short: "c",
    default: "zstd",
    description: "Select compression algorithm (gzip, none, zstd) for checkpoint archive",
  },
  "create-image": { type: "string", description: "Make a checkpoint image with this name" },
  export: { type: "string", short: "e", description: "Write the checkpoint to this archive" },
  "file-locks": { type: "bool", description: "Checkpoint a container with file locks" },
  "ignore-rootfs": { type: "bool", description: "Leave changes of the root file system out of the archive" },
  "ignore-volumes": { type: "bool", description: "Leave the container's volumes out of the archive" },
  keep: { type: "bool", short: "k", description: "Keep criu's log and statistics" },
  "leave-running": { type: "bool", short: "R", description: "Let the container go on" },
  "pre-checkpoint": { type: "bool", short: "P", description: "Write the memory alone and let the container go on" },
  "print-stats": { type: "bool", description: "Display checkpoint statistics" },
  "tcp-established": { type: "bool", description: "Checkpoint a container with established TCP connections" },
  "with-previous": { type: "bool", description: "Write only what has changed since the pre-checkpoint" },
} as const;

type Flags = FlagValues<typeof flags>;

/** `podman container checkpoint`. */
export const checkpointCommand = defineCommand({
  name: "checkpoint",
  summary: "Checkpoint one or more containers",
  description: "Writes what a container's processes are to disk, so that they go on from there after a restore. Needs criu, and root.",
  usage: "CONTAINER [CONTAINER...]",
  examples: [
    "podman container checkpoint --keep ctrID",
    "podman container checkpoint --all",
    "podman container checkpoint --leave-running --export backup.tar.zst ctrID",
  ],
  flags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const begun = performance.now();
    if (invocation.given("compress") && flags.export === undefined) refuse("--compress can only be used with --export");
    const options = { ...optionsOf(flags), compression: compressionOf(flags.compress) };
    const choice: Choice = { args, latest: flags.latest, all: flags.all, statuses: ["running"] };
    const reports = await onSide(invocation, {
      local: async (engine) => {
        if (engine.rootless) throw new ToolError("denied", "checkpointing a container requires root");
        requireFitting(flags);
        if ((flags.withPrevious || flags.preCheckpoint) && !tracksMemory())
          throw new ToolError("unsupported", "system (architecture/kernel/CRIU) does not support memory tracking");
        return checkpointContainers(engine, await chooseContainers(engine, choice), options);
      },
      remote: async (service) => {
        requireFitting(flags);
        if (invocation.given("compress")) throw new ToolError("unsupported", "--compress is not supported with the remote podman client");
        const [{ serviceFinder }, remote] = await Promise.all([
          import("../../../remote/containers/finder.ts"),
          import("../../../remote/containers/checkpoint.ts"),
        ]);
        return remote.checkpointContainers(service, await chooseFrom(serviceFinder(service), choice), options);
      },
    });
    const done = reports.filter(({ error }) => error === undefined);
    if (flags.printStats) out.stdout(`${statistics(done, begun)}\n`);
    else for (const { reference } of done) out.stdout(`${reference}\n`);
    for (const { error } of reports) if (error !== undefined) out.stderr(`Error: ${describeError(error)}\n`);
    return done.length === reports.length ? 0 : 125;
  },
});

function optionsOf(values: Flags): CheckpointOptions {
  return {
    keep: values.keep,
    leaveRunning: values.leaveRunning,
    tcpEstablished: values.tcpEstablished,
    fileLocks: values.fileLocks,
    export: values.export,
    ignoreRootfs: values.ignoreRootfs,
    ignoreVolumes: values.ignoreVolumes,
    preCheckpoint: values.preCheckpoint,
    withPrevious: values.withPrevious,
    createImage: values.createImage,
    statistics: values.printStats,
  };
}

function requireFitting(values: Flags): void {
  if (values.ignoreRootfs && values.export === undefined) refuse("--ignore-rootfs can only be used with --export");
  if (values.ignoreVolumes && values.export === undefined) refuse("--ignore-volumes can only be used with --export");
  if (values.withPrevious && values.preCheckpoint) refuse("--with-previous can not be used with --pre-checkpoint");
}

function statistics(done: readonly CheckpointReport[], begun: number): string {
  const text = {
    podman_checkpoint_duration: Math.round((performance.now() - begun) * 1000),
    container_statistics: done.map(({ id, runtimeDuration, statistics: criu }) => ({
      Id: id,
      runtime_checkpoint_duration: runtimeDuration,
      criu_statistics: criu,
    })),
  };
  return JSON.stringify(text, null, 4);
}

function compressionOf(text: string): ArchiveCompression {
  const name = text.toLowerCase();
  if (name === "gzip" || name === "none" || name === "zstd") return name;
  return refuse(`selected compression algorithm (${JSON.stringify(text)}) not supported. Please select one from: gzip, none, zstd`);
}

function refuse(message: string): never {
  throw new ToolError("invalid-argument", message);
}
