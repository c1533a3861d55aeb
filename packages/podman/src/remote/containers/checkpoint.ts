import { createReadStream, existsSync } from "node:fs";
import type { ByteStream } from "@containers/common/digest/byte-stream";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeStream } from "../../cli/write-stream.ts";
import { RUNTIME_ANNOTATION } from "../../containers/checkpoint/annotations.ts";
import type { CheckpointOptions, CheckpointReport } from "../../containers/checkpoint/checkpoint.ts";
import type { RestoreOptions, RestoreReport } from "../../containers/checkpoint/restore.ts";
import { imagePath } from "../images/list.ts";
import { exists, getJson, readJson, type Service } from "../service.ts";
import { number, record, text, textMap } from "../wire.ts";
import { containerPath } from "./deeds.ts";
import { inspectContainer } from "./inspect.ts";
import { listContainers } from "./list.ts";

/** Lets the service checkpoint containers, one after the other; an archive is written to a file of this machine. */
export async function checkpointContainers(
  service: Service,
  references: readonly string[],
  options: CheckpointOptions,
): Promise<CheckpointReport[]> {
  const reports: CheckpointReport[] = [];
  for (const reference of references) {
    try {
      reports.push(await checkpointOne(service, reference, options));
    } catch (error) {
      reports.push({ reference, error: asError(error) });
    }
  }
  return reports;
}

async function checkpointOne(service: Service, reference: string, options: CheckpointOptions): Promise<CheckpointReport> {
  const response = await service.request("POST", containerPath(reference, "checkpoint"), {
    query: {
      keep: options.keep,
      leaveRunning: options.leaveRunning,
      tcpEstablished: options.tcpEstablished,
      fileLocks: options.fileLocks,
      export: options.export !== undefined,
      ignoreRootFS: options.ignoreRootfs,
      ignoreVolumes: options.ignoreVolumes,
      preCheckpoint: options.preCheckpoint,
      withPrevious: options.withPrevious,
      createImage: options.createImage,
      printStats: options.statistics,
    },
  });
  if (options.export !== undefined) {
    await writeStream(response.stream(), options.export);
    return { reference };
  }
  const answer = record(await readJson(response));
  return {
    reference,
    id: text(answer["Id"]),
    runtimeDuration: number(answer["runtime_checkpoint_duration"]),
    ...statistics<CheckpointReport["statistics"]>(answer),
  };
}

/** The ports to publish are sent as the user wrote them. */
export interface RemoteRestore extends Omit<RestoreOptions, "ports"> {
  readonly published: readonly string[];
}

/** Lets the service restore containers and checkpoint images, or make a container out of an archive of this machine. */
export async function restoreContainers(service: Service, references: readonly string[], options: RemoteRestore): Promise<RestoreReport[]> {
  if (options.importPrevious !== undefined)
    throw new ToolError("unsupported", "--import-previous is not supported with the remote podman client");
  const archive = options.import;
  if (archive !== undefined && !existsSync(archive))
    throw new ToolError("not-found", `open ${archive}: no such file or directory`, { exitCode: 125 });
  // With an archive the name in the path says nothing.
  const targets = archive === undefined ? references : ["import"];
  const reports: RestoreReport[] = [];
  for (const reference of targets) {
    const named = archive === undefined ? { reference } : {};
    try {
      const body = archive === undefined ? undefined : (createReadStream(archive) as ByteStream);
      reports.push({ ...(await restoreOne(service, { reference, body }, options)), ...named });
    } catch (error) {
      reports.push({ ...named, error: asError(error) });
    }
  }
  return reports;
}

async function restoreOne(
  service: Service,
  { reference, body }: { readonly reference: string; readonly body: ByteStream | undefined },
  options: RemoteRestore,
): Promise<RestoreReport> {
  const response = await service.request("POST", containerPath(reference, "restore"), {
    query: {
      keep: options.keep,
      tcpEstablished: options.tcpEstablished,
      tcpClose: options.tcpClose,
      fileLocks: options.fileLocks,
      ignoreRootFS: options.ignoreRootfs,
      ignoreVolumes: options.ignoreVolumes,
      ignoreStaticIP: options.ignoreStaticIp,
      ignoreStaticMAC: options.ignoreStaticMac,
      printStats: options.statistics,
      name: options.name,
      pod: options.pod,
      publishPorts: options.published.join(" ") || undefined,
      import: body !== undefined,
    },
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/x-tar" } }),
  });
  const answer = record(await readJson(response));
  return {
    id: text(answer["Id"]),
    runtimeDuration: number(answer["runtime_restore_duration"]),
    ...statistics<RestoreReport["statistics"]>(answer),
  };
}

/** Whether all names are those of checkpoint images, and none that of a container. */
export async function areCheckpointImages(service: Service, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    if (await exists(service, containerPath(name, "exists"))) return false;
    if (!(await exists(service, imagePath(name, "exists")))) return false;
    const image = record(await getJson(service, imagePath(name, "json")));
    if (textMap(image["Annotations"])[RUNTIME_ANNOTATION] === undefined) return false;
  }
  return names.length > 0;
}

/** Ids of all containers that stopped with a checkpoint. */
export async function checkpointed(service: Service): Promise<string[]> {
  const exited = await listContainers(service, { all: true, filters: { status: ["exited", "stopped"] } });
  const found: string[] = [];
  for (const { id } of exited) {
    const { State } = record(await inspectContainer(service, id));
    if (record(State)["Checkpointed"] === true) found.push(id);
  }
  return found;
}

/** criu's numbers, which are printed as the service tells them. */
function statistics<T>(answer: Readonly<Record<string, unknown>>): { statistics?: T } {
  const told = answer["criu_statistics"];
  return typeof told === "object" && told !== null ? { statistics: told as T } : {};
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
