import { createReadStream, createWriteStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { assignPorts } from "@containers/common/network/assign-ports";
import { parsePort } from "@containers/common/network/port-syntax";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { checkpointContainers } from "../../containers/checkpoint/checkpoint.ts";
import { restoreContainers } from "../../containers/checkpoint/restore.ts";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { readQuery } from "../query.ts";
import { bytes, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";

/** `POST /libpod/containers/{name}/checkpoint`; with `export` the answer is the archive. */
export const checkpoint: Handler = async (request) => {
  const query = readQuery(request, {
    keep: "bool",
    leaveRunning: "bool",
    tcpEstablished: "bool",
    export: "bool",
    ignoreRootFS: "bool",
    ignoreVolumes: "bool",
    printStats: "bool",
    preCheckpoint: "bool",
    withPrevious: "bool",
    fileLocks: "bool",
    createImage: "string",
  });
  const { config } = resolveContainer(request.engine, request.param("name"));
  const directory = query.export === true ? mkdtempSync(join(tmpdir(), "checkpoint-")) : undefined;
  const remove = (): void => {
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  };
  const [report] = await checkpointContainers(request.engine, [config.id], {
    keep: query.keep,
    leaveRunning: query.leaveRunning,
    tcpEstablished: query.tcpEstablished,
    fileLocks: query.fileLocks,
    ignoreRootfs: query.ignoreRootFS,
    ignoreVolumes: query.ignoreVolumes,
    preCheckpoint: query.preCheckpoint,
    withPrevious: query.withPrevious,
    statistics: query.printStats,
    ...(query.createImage ? { createImage: query.createImage } : {}),
    ...(directory === undefined ? {} : { export: join(directory, "archive") }),
  });
  if (report?.error !== undefined) {
    remove();
    throw httpError(500, report.error);
  }
  if (directory === undefined)
    return json(200, {
      Id: config.id,
      runtime_checkpoint_duration: report?.runtimeDuration ?? 0,
      criu_statistics: report?.statistics ?? null,
    });
  return archive(join(directory, "archive"), remove);
};

function archive(path: string, remove: () => void): Reply {
  const content = createReadStream(path);
  return bytes(
    (async function* () {
      try {
        yield* content;
      } finally {
        remove();
      }
    })(),
    "application/octet; charset=us-ascii",
  );
}

/** `POST /libpod/containers/{name}/restore`; with `import` the body is an archive. */
export const restore: Handler = async (request) => {
  const query = readQuery(request, {
    keep: "bool",
    tcpEstablished: "bool",
    tcpClose: "bool",
    import: "bool",
    name: "string",
    ignoreRootFS: "bool",
    ignoreVolumes: "bool",
    ignoreStaticIP: "bool",
    ignoreStaticMAC: "bool",
    printStats: "bool",
    fileLocks: "bool",
    publishPorts: "string",
    pod: "string",
  });
  const ports = (query.publishPorts ?? "").split(/\s+/).filter((text) => text !== "");
  const options = {
    keep: query.keep,
    tcpEstablished: query.tcpEstablished,
    tcpClose: query.tcpClose,
    fileLocks: query.fileLocks,
    ignoreRootfs: query.ignoreRootFS,
    ignoreVolumes: query.ignoreVolumes,
    ignoreStaticIp: query.ignoreStaticIP,
    ignoreStaticMac: query.ignoreStaticMAC,
    statistics: query.printStats,
    name: query.name || undefined,
    pod: query.pod || undefined,
    ...(ports.length === 0 ? {} : { ports: assignPorts({ published: ports.flatMap((text) => parsePort(text)), exposed: [] }) }),
  };
  if (query.import === true) return restoreFromBody(request, options);
  const name = request.param("name");
  if (request.engine.state.containers.resolve(name) === undefined && resolveLocalImage(request.engine.images, name) === undefined)
    throw new HttpError(404, `no such container or image: ${name}`);
  return restored(request, [name], options);
};

type Options = NonNullable<Parameters<typeof restoreContainers>[2]>;

async function restoreFromBody(request: ApiRequest, options: Options): Promise<Reply> {
  const directory = mkdtempSync(join(tmpdir(), "restore-"));
  try {
    const path = join(directory, "archive");
    await pipeline(request.body, createWriteStream(path, { mode: 0o600 }));
    return await restored(request, [], { ...options, import: path });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function restored({ engine }: ApiRequest, names: readonly string[], options: Options): Promise<Reply> {
  const [report] = await restoreContainers(engine, names, options);
  if (report?.error !== undefined) throw httpError(500, report.error);
  return json(200, {
    Id: report?.id ?? "",
    runtime_restore_duration: report?.runtimeDuration ?? 0,
    criu_statistics: report?.statistics ?? null,
  });
}
