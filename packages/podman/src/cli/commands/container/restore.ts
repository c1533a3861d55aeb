import { defineCommand, type FlagValues } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { assignPorts } from "@containers/common/network/assign-ports";
import { parsePort } from "@containers/common/network/port-syntax";
import { isCheckpointImage, type RestoreOptions, type RestoreReport, restoreContainers } from "../../../containers/checkpoint/restore.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { Service } from "../../../remote/service.ts";
import { onSide } from "../../on-side.ts";
import { latestContainer, latestFlag, requireNoArguments } from "./targets.ts";

const flags = {
  ...latestFlag,
  all: { type: "bool", short: "a", description: "Restore all checkpointed containers" },
  "file-locks": { type: "bool", description: "Restore a container with file locks" },
  "ignore-rootfs": { type: "bool", description: "Leave out the root file system's changes when importing" },
  "ignore-static-ip": { type: "bool", description: "Do not give the container its IP address back" },
  "ignore-static-mac": { type: "bool", description: "Do not give the container its MAC address back" },
  "ignore-volumes": { type: "bool", description: "Leave out the content of volumes when importing" },
  import: { type: "string", short: "i", description: "Make the container out of this archive" },
  "import-previous": { type: "string", description: "The archive of the pre-checkpoint that the other one builds on" },
  keep: { type: "bool", short: "k", description: "Keep the checkpoint's files" },
  name: { type: "string", short: "n", description: "Name of the container that is made (with image or --import)" },
  pod: { type: "string", description: "Put the container into this pod (with image or --import)" },
  "print-stats": { type: "bool", description: "Display restore statistics" },
  publish: { type: "stringSlice", short: "p", description: "Publish these ports instead of the checkpoint's" },
  "tcp-close": { type: "bool", description: "Close all TCP connections" },
  "tcp-established": { type: "bool", description: "Restore a container with established TCP connections" },
} as const;

type Flags = FlagValues<typeof flags>;

/** `podman container restore`. */
export const restoreCommand = defineCommand({
  name: "restore",
  summary: "Restore one or more containers from a checkpoint",
  description: "Lets the processes of a checkpointed container go on. Needs criu, and root.",
  usage: "CONTAINER|IMAGE [CONTAINER|IMAGE...]",
  examples: ["podman container restore ctrID", "podman container restore imageID", "podman container restore --import backup.tar.zst"],
  flags,
  args: { min: 0 },
  run: async (invocation) => {
    const { flags: values, args, out } = invocation;
    const begun = performance.now();
    const named = args.map((reference) => reference.replace(/^\//, ""));
    const reports = await onSide(invocation, {
      local: (engine) => restoreHere(engine, named, values),
      remote: (service) => restoreThere(service, named, values),
    });
    const done = reports.filter(({ error }) => error === undefined);
    if (values.printStats) out.stdout(`${statistics(done, begun)}\n`);
    else for (const { reference, id } of done) out.stdout(`${reference ?? id ?? ""}\n`);
    for (const { error } of reports) if (error !== undefined) out.stderr(`Error: ${describeError(error)}\n`);
    return done.length === reports.length ? 0 : 125;
  },
});

function restoreHere(engine: Engine, named: readonly string[], values: Flags): Promise<RestoreReport[]> {
  if (engine.rootless) throw new ToolError("denied", "restoring a container requires root");
  const areImages =
    named.length > 0 && named.every((name) => engine.state.containers.resolve(name) === undefined && isCheckpointImage(engine, name));
  requireFitting(areImages, values, named);
  const chosen = values.all ? checkpointed(engine) : values.latest ? [latestContainer(engine)] : named;
  return restoreContainers(engine, chosen, optionsOf(values));
}

async function restoreThere(service: Service, named: readonly string[], values: Flags): Promise<RestoreReport[]> {
  const remote = await import("../../../remote/containers/checkpoint.ts");
  requireFitting(await remote.areCheckpointImages(service, named), values, named);
  const chosen = values.all ? await remote.checkpointed(service) : named;
  return remote.restoreContainers(service, chosen, { ...optionsOf(values), published: values.publish });
}

function optionsOf(values: Flags): RestoreOptions {
  return {
    keep: values.keep,
    tcpEstablished: values.tcpEstablished,
    tcpClose: values.tcpClose,
    fileLocks: values.fileLocks,
    import: values.import,
    importPrevious: values.importPrevious,
    ignoreRootfs: values.ignoreRootfs,
    ignoreVolumes: values.ignoreVolumes,
    ignoreStaticIp: values.ignoreStaticIp,
    ignoreStaticMac: values.ignoreStaticMac,
    name: values.name,
    pod: values.pod,
    statistics: values.printStats,
    ...(values.publish.length === 0
      ? {}
      : { ports: assignPorts({ published: values.publish.flatMap((text) => parsePort(text)), exposed: [] }) }),
  };
}

function requireFitting(fromImage: boolean, values: Flags, args: readonly string[]): void {
  const refuse = (message: string): never => {
    throw new ToolError("invalid-argument", message);
  };
  if (!fromImage && values.import === undefined) {
    const only: ReadonlyArray<readonly [boolean, string]> = [
      [values.importPrevious !== undefined, "--import-previous"],
      [values.ignoreRootfs, "--ignore-rootfs"],
      [values.ignoreVolumes, "--ignore-volumes"],
      [values.name !== undefined, "--name"],
      [values.pod !== undefined, "--pod"],
      [values.publish.length > 0, "--publish"],
    ];
    for (const [given, flag] of only) if (given) refuse(`${flag} can only be used with image or --import`);
  }
  if (values.name !== undefined && values.tcpEstablished) refuse("--tcp-established cannot be used with --name");
  if (values.import !== undefined && (values.all || values.latest)) refuse("cannot use --import with --all or --latest");
  if (values.import !== undefined && args.length > 0) refuse("cannot use --import with positional arguments");
  if (values.all && values.latest) refuse("--all and --latest cannot be used together");
  requireNoArguments(args, values);
  if (args.length === 0 && !values.all && !values.latest && values.import === undefined) refuse("you must provide at least one name or id");
  if (args.length > 1 && values.name !== undefined) refuse("--name can only be used with one checkpoint image");
}

function checkpointed(engine: Engine): string[] {
  return engine.state.containers
    .list({ statuses: ["exited", "stopped"] })
    .map(({ id }) => id)
    .filter((id) => engine.state.containers.get(id)?.state.checkpointedAt !== undefined);
}

function statistics(done: readonly RestoreReport[], begun: number): string {
  const text = {
    podman_restore_duration: Math.round((performance.now() - begun) * 1000),
    container_statistics: done.map(({ id, runtimeDuration, statistics: criu }) => ({
      Id: id,
      runtime_restore_duration: runtimeDuration,
      criu_statistics: criu,
    })),
  };
  return JSON.stringify(text, null, 4);
}
