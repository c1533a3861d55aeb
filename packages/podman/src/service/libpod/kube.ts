import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { isIP } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePort } from "@containers/common/network/port-syntax";
import { networkMode } from "../../cli/flags/network-flags.ts";
import { unpackArchive } from "../../containers/copy/tar-files.ts";
import { downKube } from "../../kube/down.ts";
import { generateKube } from "../../kube/generate/generate-kube.ts";
import type { PlayKubeOptions, PlayReport } from "../../kube/play/options.ts";
import { playKube } from "../../kube/play/play-kube.ts";
import { parseUserMode } from "../../user-namespaces/parse-user-mode.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readQuery } from "../query.ts";
import { bytes, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { decode, dictionary, text } from "../wire/go-object.ts";
import { errorText, line, readBody } from "./answers.ts";

/** `POST /libpod/kube/play`: the body is the file, or an archive of `play.yaml` and the directories that images are built of. */
export const play: Handler = async (request) => {
  const options = readPlayOptions(request);
  return withPlayFile(request, async (content, contextDir) => {
    try {
      const report = await playKube(request.engine, content, { ...options, ...(contextDir === undefined ? {} : { contextDir }) });
      return json(200, playJson(report));
    } catch (error) {
      throw withWords("playing YAML file", error);
    }
  });
};

/** What the query asks for; what makes no sense is told as the play's own failure. */
function readPlayOptions(request: ApiRequest): PlayKubeOptions {
  try {
    return playOptions(request);
  } catch (error) {
    throw error instanceof HttpError ? error : withWords("playing YAML file", error);
  }
}

function playOptions(request: ApiRequest): PlayKubeOptions {
  const query = readQuery(request, {
    annotations: "string",
    logDriver: "string",
    logOptions: "strings",
    network: "strings",
    noHostname: "bool",
    noHosts: "bool",
    replace: "bool",
    publishPorts: "strings",
    publishAllPorts: "bool",
    serviceContainer: "bool",
    start: "bool",
    staticIPs: "strings",
    staticMACs: "strings",
    userns: "string",
    build: "bool",
    noPodPrefix: "bool",
    tlsVerify: "bool",
    wait: "bool",
  });
  const bad = query.staticIPs.find((address) => isIP(address) === 0);
  if (bad !== undefined) throw new HttpError(400, `invalid IP address ${bad}`);
  const badMac = query.staticMACs.find((address) => !/^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i.test(address));
  if (badMac !== undefined) throw new HttpError(400, `address ${badMac}: invalid MAC address`);
  const userns = parseUserMode(query.userns ?? "");
  const networks = query.network.filter((name) => name !== "");
  return {
    annotations: query.annotations ? decode(dictionary(text), query.annotations) : {},
    ...(query.build === undefined ? {} : { build: query.build }),
    staticIps: query.staticIPs,
    staticMacs: query.staticMACs,
    log: { ...(query.logDriver ? { driver: query.logDriver } : {}), options: query.logOptions },
    ...(networks.length === 0 ? {} : { network: networkMode(networks) }),
    noHostname: query.noHostname || undefined,
    noHosts: query.noHosts || undefined,
    noPodPrefix: query.noPodPrefix,
    publish: query.publishPorts.flatMap((port) => parsePort(port)),
    publishAll: query.publishAllPorts,
    quiet: true,
    replace: query.replace,
    ...(query.serviceContainer === true ? { service: "none" as const } : {}),
    start: query.start ?? true,
    ...(userns === undefined ? {} : { userns }),
  };
}

async function withPlayFile<T>(request: ApiRequest, body: (content: string, contextDir?: string) => Promise<T>): Promise<T> {
  const [type = ""] = (request.header("content-type") ?? "").split(";");
  if (type.trim() !== "application/x-tar") return body((await readBody(request)).toString("utf8"));
  const directory = mkdtempSync(join(tmpdir(), "libpod_kube-"));
  try {
    await unpackArchive(request.engine.sys, request.body, directory);
    const file = join(directory, "play.yaml");
    if (!existsSync(file)) throw new HttpError(500, "file not found: tar missing play.yaml file at root", MISSING_FILE);
    return await body(readFileSync(file, "utf8"), directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const MISSING_FILE = { because: "file not found: tar missing play.yaml file at root" };

function playJson(report: PlayReport): object {
  return {
    Pods: orNull(
      report.pods.map(({ id, containers, initContainers, containerErrors }) => ({
        ID: id,
        Containers: orNull(containers),
        InitContainers: orNull(initContainers),
        Logs: null,
        ContainerErrors: orNull(containerErrors),
      })),
    ),
    Volumes: orNull(report.volumes.map((Name) => ({ Name }))),
    StopReport: null,
    RmReport: null,
    VolumeRmReport: null,
    SecretRmReport: null,
    Secrets: orNull(report.secrets.map((ID) => ({ CreateReport: { ID } }))),
    ServiceContainerID: report.serviceContainerId ?? "",
    ExitCode: null,
  };
}

/** `DELETE /libpod/kube/play`: the body is the file. */
export const down: Handler = async (request) => {
  const { force } = readQuery(request, { force: "bool" });
  try {
    const report = await downKube(request.engine, (await readBody(request)).toString("utf8"), { force });
    const volumes = report.volumes.map(({ reference, error }) => ({ Err: errorText(error), Id: reference }));
    return json(200, {
      Pods: null,
      Volumes: null,
      StopReport: report.stopped.map(({ pod, errors }) => ({ Errs: orNull(errors.map(errorText)), Id: pod.id, RawInput: pod.name })),
      RmReport: report.removed.map(({ pod, errors }) => ({ RemovedCtrs: null, Err: errorText(errors[0]), Id: pod.id })),
      VolumeRmReport: force === true ? volumes : orNull(volumes),
      SecretRmReport: report.secrets.map((ID) => ({ ID, Err: null })),
      Secrets: null,
      ServiceContainerID: "",
      ExitCode: null,
    });
  } catch (error) {
    throw withWords("tearing down YAML file", error);
  }
};

/** `GET /libpod/kube/generate?names=…`. */
export const generate: Handler = (request) => {
  const query = readQuery(request, {
    podmanOnly: "bool",
    names: "strings",
    service: "bool",
    type: "string",
    replicas: "int",
    noTrunc: "bool",
  });
  const { engine } = request;
  try {
    const yaml = generateKube(engine, query.names, {
      type: query.type || engine.config.engine.kubeGenerateType,
      service: query.service,
      replicas: query.replicas ?? 1,
      podmanOnly: query.podmanOnly,
    });
    return bytes(
      (async function* () {
        yield Buffer.from(yaml.endsWith("\n") ? yaml : `${yaml}\n`);
      })(),
    );
  } catch (error) {
    throw withWords("generating YAML", error);
  }
};

/** `POST /libpod/kube/apply`: hands the file on to a cluster. */
export const apply: Handler = async (request) => {
  const query = readQuery(request, { caCertFile: "string", kubeconfig: "string", namespace: "string" });
  try {
    const { applyKube } = await import("../../kube/apply.ts");
    await applyKube((await readBody(request)).toString("utf8"), {
      kubeconfig: query.kubeconfig ?? "",
      ...(query.namespace ? { namespace: query.namespace } : {}),
      ...(query.caCertFile ? { caCertFile: query.caCertFile } : {}),
    });
  } catch (error) {
    throw withWords("error applying YAML to k8s cluster", error);
  }
  return line(200, "Deployed!");
};

function withWords(doing: string, error: unknown): HttpError {
  const reason = error instanceof HttpError ? error : httpError(500, error);
  return new HttpError(500, `${doing}: ${reason.message}`, { because: reason.because, cause: error });
}

function orNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}
