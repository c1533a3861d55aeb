import type { Healthcheck } from "../containerfile/instructions/healthcheck.ts";
import type { HistoryEntry, ImageConfig } from "../working-container/image-config.ts";
import { nameSet, omitEmpty, sortedRecord } from "./go-json.ts";

/** The config as OCI's image specification orders and names it. What only Docker's format has is left out. */
export function ociConfig(config: ImageConfig, omitHistory = false): Record<string, unknown> {
  return {
    ...omitEmpty({ created: config.created, author: config.author }),
    architecture: config.architecture,
    os: config.os,
    ...omitEmpty({ "os.version": config.osVersion, "os.features": config.osFeatures, variant: config.variant }),
    config: omitEmpty({
      User: config.user,
      ExposedPorts: nameSet(config.exposedPorts),
      Env: config.env,
      Entrypoint: config.entrypoint,
      Cmd: config.cmd,
      Volumes: nameSet(config.volumes),
      WorkingDir: config.workingDir,
      Labels: sortedRecord(Object.entries(config.labels)),
      StopSignal: config.stopSignal,
    }),
    rootfs: { type: "layers", diff_ids: config.diffIds },
    ...(omitHistory ? {} : omitEmpty({ history: config.history.map(ociHistory) })),
  };
}

export interface DockerConfigOptions {
  readonly omitHistory?: boolean;
  /** Id of the working container that the image is made of. */
  readonly container?: string;
}

/** The config in Docker's image format, second version. */
export function dockerConfig(config: ImageConfig, options: DockerConfigOptions = {}): Record<string, unknown> {
  const runConfig = dockerRunConfig(config);
  return {
    ...omitEmpty({ comment: config.comment }),
    created: config.created,
    ...omitEmpty({ container: options.container }),
    container_config: runConfig,
    ...omitEmpty({ author: config.author }),
    config: runConfig,
    architecture: config.architecture,
    ...omitEmpty({ variant: config.variant }),
    os: config.os,
    rootfs: { type: "layers", diff_ids: config.diffIds },
    ...(options.omitHistory === true ? {} : omitEmpty({ history: config.history.map(dockerHistory) })),
    ...omitEmpty({ "os.version": config.osVersion, "os.features": config.osFeatures }),
  };
}

function dockerRunConfig(config: ImageConfig): Record<string, unknown> {
  const orNull = (list: readonly string[]) => (list.length === 0 ? null : list);
  return {
    Hostname: config.hostname,
    Domainname: config.domainname,
    User: config.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...omitEmpty({ ExposedPorts: nameSet(config.exposedPorts) }),
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Env: orNull(config.env),
    Cmd: orNull(config.cmd),
    ...(config.healthcheck === undefined ? {} : { Healthcheck: healthcheckJson(config.healthcheck) }),
    Image: "",
    Volumes: nameSet(config.volumes),
    WorkingDir: config.workingDir,
    Entrypoint: config.entrypoint,
    OnBuild: config.onBuild,
    Labels: Object.keys(config.labels).length === 0 ? null : sortedRecord(Object.entries(config.labels)),
    ...omitEmpty({ StopSignal: config.stopSignal, Shell: config.shell }),
  };
}

function healthcheckJson(check: Healthcheck): Record<string, unknown> {
  return omitEmpty({
    Test: check.test,
    Interval: check.interval,
    Timeout: check.timeout,
    StartPeriod: check.startPeriod,
    StartInterval: check.startInterval,
    Retries: check.retries,
  });
}

function ociHistory(entry: HistoryEntry): Record<string, unknown> {
  return omitEmpty({
    created: entry.created,
    created_by: entry.createdBy,
    author: entry.author,
    comment: entry.comment,
    empty_layer: entry.emptyLayer,
  });
}

function dockerHistory(entry: HistoryEntry): Record<string, unknown> {
  return omitEmpty({
    created: entry.created,
    author: entry.author,
    created_by: entry.createdBy,
    comment: entry.comment,
    empty_layer: entry.emptyLayer,
  });
}
