import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import type { ArchiveCompression } from "../../../containers/checkpoint/archive.ts";
import { checkpointContainers } from "../../../containers/checkpoint/checkpoint.ts";
import { tracksMemory } from "../../../containers/checkpoint/criu.ts";
import { chooseContainers, engineFor, latestFlag } from "./targets.ts";

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
  flags: {
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
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const begun = performance.now();
    const engine = engineFor(invocation);
    if (invocation.given("compress") && flags.export === undefined) refuse("--compress can only be used with --export");
    const compression = compressionOf(flags.compress);
    if (engine.rootless) throw new ToolError("denied", "checkpointing a container requires root");
    if (flags.ignoreRootfs && flags.export === undefined) refuse("--ignore-rootfs can only be used with --export");
    if (flags.ignoreVolumes && flags.export === undefined) refuse("--ignore-volumes can only be used with --export");
    if (flags.withPrevious && flags.preCheckpoint) refuse("--with-previous can not be used with --pre-checkpoint");
    if ((flags.withPrevious || flags.preCheckpoint) && !tracksMemory())
      throw new ToolError("unsupported", "system (architecture/kernel/CRIU) does not support memory tracking");
    const chosen = await chooseContainers(engine, { args, latest: flags.latest, all: flags.all, statuses: ["running"] });
    const reports = await checkpointContainers(engine, chosen, {
      keep: flags.keep,
      leaveRunning: flags.leaveRunning,
      tcpEstablished: flags.tcpEstablished,
      fileLocks: flags.fileLocks,
      export: flags.export,
      compression,
      ignoreRootfs: flags.ignoreRootfs,
      ignoreVolumes: flags.ignoreVolumes,
      preCheckpoint: flags.preCheckpoint,
      withPrevious: flags.withPrevious,
      createImage: flags.createImage,
      statistics: flags.printStats,
    });
    const done = reports.filter(({ error }) => error === undefined);
    if (flags.printStats) {
      const statistics = {
        podman_checkpoint_duration: Math.round((performance.now() - begun) * 1000),
        container_statistics: done.map(({ id, runtimeDuration, statistics: criu }) => ({
          Id: id,
          runtime_checkpoint_duration: runtimeDuration,
          criu_statistics: criu,
        })),
      };
      out.stdout(`${JSON.stringify(statistics, null, 4)}\n`);
    } else for (const { reference } of done) out.stdout(`${reference}\n`);
    for (const { error } of reports) if (error !== undefined) out.stderr(`Error: ${describeError(error)}\n`);
    return done.length === reports.length ? 0 : 125;
  },
});

function compressionOf(text: string): ArchiveCompression {
  const name = text.toLowerCase();
  if (name === "gzip" || name === "none" || name === "zstd") return name;
  return refuse(`selected compression algorithm (${JSON.stringify(text)}) not supported. Please select one from: gzip, none, zstd`);
}

function refuse(message: string): never {
  throw new ToolError("invalid-argument", message);
}
