import type { Container } from "../../../containers/config.ts";
import { configSection } from "../../../containers/inspect/config-section.ts";
import { graphDriver } from "../../../containers/inspect/graph-driver.ts";
import { networkSettings } from "../../../containers/inspect/network-settings.ts";
import { stateSection } from "../../../containers/inspect/state-section.ts";
import { currentContainer } from "../../../containers/lifecycle/stale.ts";
import { containerSize } from "../../../containers/listing/container-size.ts";
import type { Engine } from "../../../engine/engine.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { dockerHostConfig, dockerMounts } from "./container-json.ts";
import { isRecord, networkSettingsJson, pick } from "./endpoint-json.ts";

/** `GET /containers/{name}/json`. */
export const inspectContainerRoute: Handler = async (request) => {
  const { size } = readQuery(request, { size: "bool" });
  const container = await currentContainer(request.engine, request.param("name"));
  return json(200, await dockerContainer(request.engine, container, size === true));
};

async function dockerContainer(engine: Engine, container: Container, withSize: boolean): Promise<Record<string, unknown>> {
  const { config, state } = container;
  const size = withSize ? await containerSize(engine, config.id) : undefined;
  const ran = state.startedAt !== "" || state.status === "created" || state.status === "running";
  const runFile = (name: string): string => (ran ? `${config.runDir}/${name}` : "");
  const driver = graphDriver(engine, config);
  const argv = config.initPath === undefined ? config.process : ["/run/podman-init", "--", ...config.process];
  return {
    Id: config.id,
    Created: config.createdAt.replace(/\.?0+Z$/, "Z"),
    Path: argv[0] ?? "",
    Args: argv.length > 1 ? argv.slice(1) : argv,
    State: dockerStateSection(container),
    Image: `sha256:${config.imageId}`,
    ResolvConfPath: runFile("resolv.conf"),
    HostnamePath: runFile("hostname"),
    HostsPath: runFile("hosts"),
    LogPath: config.log.path,
    Name: `/${config.name}`,
    RestartCount: state.restartCount,
    Driver: config.driver,
    Platform: "linux",
    MountLabel: "",
    ProcessLabel: "",
    AppArmorProfile: "",
    ExecIDs: engine.state.execSessions.ofContainer(config.id).map(({ id }) => id),
    HostConfig: dockerHostConfig(engine, container),
    GraphDriver: isRecord(driver) ? { Data: driver["Data"] ?? null, Name: driver["Name"] } : { Data: null, Name: config.driver },
    ...(size === undefined ? {} : { SizeRw: size.rwSize }),
    SizeRootFs: size?.rootFsSize ?? 0,
    Mounts: dockerMounts(engine, container),
    Config: dockerConfig(container),
    NetworkSettings: networkSettingsJson(networkSettings(engine, container)),
  };
}

const STATE_KEYS = {
  Status: "",
  Running: false,
  Paused: false,
  Restarting: false,
  OOMKilled: false,
  Dead: false,
  Pid: 0,
  ExitCode: 0,
  Error: "",
  StartedAt: "",
  FinishedAt: "",
} as const;

/** A paused container counts as running here, and statuses have Docker's names. */
function dockerStateSection(container: Container): Record<string, unknown> {
  const own = stateSection(container, false);
  const names: Readonly<Record<string, string>> = { initialized: "created", stopping: "running", stopped: "exited" };
  const status = String(own["Status"]);
  return {
    ...pick(own, STATE_KEYS),
    Status: names[status] ?? status,
    Running: own["Running"] === true || own["Paused"] === true,
    ...(own["Health"] === undefined ? {} : { Health: own["Health"] }),
  };
}

const CONFIG_KEYS = {
  Hostname: "",
  Domainname: "",
  User: "",
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  ExposedPorts: undefined,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Env: [],
  Cmd: [],
  Healthcheck: undefined,
  Image: "",
  Volumes: null,
  WorkingDir: "/",
  Entrypoint: [],
  OnBuild: null,
  Labels: {},
  StopSignal: "",
  StopTimeout: 0,
} as const;

function dockerConfig({ config }: Container): Record<string, unknown> {
  return { ...pick(configSection(config), CONFIG_KEYS), StopSignal: String(config.stopSignal), Hostname: config.hostname };
}
