import { existsSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { httpRequest } from "@containers/common/http/fetch";
import type { Engine } from "../engine/engine.ts";
import type { VolumeRecord } from "../state/state.ts";

/**
 * Docker's volume plugins: programs that listen on a Unix socket, each request a POST of JSON.
 * https://docs.docker.com/engine/extend/plugins_volume/
 */

type Ports = Pick<Engine, "config">;

/** Plugins count who has a volume mounted; we do so ourselves and give them one name. The original uses the same. */
const MOUNTER = "2f73349cfc4630255319c6c8dfc1b46a8996ace9d14d8e07563b165915918ec2";
const LARGEST_ANSWER = 16 << 20;

/** A volume as a plugin lists it. */
export interface PluginVolume {
  readonly name: string;
}

/** Makes the volume, unless the plugin has one of that name. */
export async function createInPlugin(engine: Ports, volume: VolumeRecord): Promise<void> {
  const socket = pluginSocket(engine, volume);
  await activate(volume.driver, socket);
  if ((await listPlugin(engine, volume.driver)).some(({ name }) => name === volume.name)) return;
  const { ["o"]: inner, ...others } = volume.options;
  await call(engine, volume, "/VolumeDriver.Create", { Name: volume.name, Opts: inner === undefined ? others : { ...others, o: inner } });
}

/** One that the plugin does not have any more is gone already. */
export async function removeFromPlugin(engine: Ports, volume: VolumeRecord): Promise<void> {
  if (!(await listPlugin(engine, volume.driver)).some(({ name }) => name === volume.name)) return;
  await call(engine, volume, "/VolumeDriver.Remove", { Name: volume.name });
}

/** Why the plugin cannot be asked at all; undefined when it answers, if only to refuse. */
export async function whyUnreachable(engine: Ports, volume: VolumeRecord): Promise<unknown> {
  try {
    await activate(volume.driver, pluginSocket(engine, volume));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** What the plugin says of the volume besides; undefined when it says nothing or does not answer. */
export async function statusInPlugin(engine: Ports, volume: VolumeRecord): Promise<Readonly<Record<string, unknown>> | undefined> {
  const answer = await call(engine, volume, "/VolumeDriver.Get", { Name: volume.name }).catch(() => ({}) as Record<string, unknown>);
  const { Volume: found } = answer;
  if (typeof found !== "object" || found === null || !("Status" in found)) return undefined;
  const { Status: status } = found;
  return typeof status === "object" && status !== null && Object.keys(status).length > 0 ? { ...status } : undefined;
}

/** @returns where the plugin has put the volume's files */
export async function mountInPlugin(engine: Ports, volume: VolumeRecord): Promise<string> {
  const answer = await call(engine, volume, "/VolumeDriver.Mount", { Name: volume.name, ID: MOUNTER });
  const path = answer["Mountpoint"];
  if (typeof path !== "string" || !path.startsWith("/"))
    throw new ToolError("unavailable", `the volume plugin ${volume.driver} did not say where it mounted volume ${volume.name}`);
  return path;
}

export async function unmountInPlugin(engine: Ports, volume: VolumeRecord): Promise<void> {
  await call(engine, volume, "/VolumeDriver.Unmount", { Name: volume.name, ID: MOUNTER });
}

/** The volumes that a plugin has. */
export async function listPlugin(engine: Ports, driver: string): Promise<PluginVolume[]> {
  const answer = await call(engine, { driver, name: "" }, "/VolumeDriver.List", {});
  const volumes: readonly unknown[] = Array.isArray(answer["Volumes"]) ? answer["Volumes"] : [];
  return volumes.flatMap((volume) => {
    const name = typeof volume === "object" && volume !== null && "Name" in volume ? volume.Name : undefined;
    return typeof name === "string" ? [{ name }] : [];
  });
}

function pluginSocket({ config }: Ports, { name, driver }: Pick<VolumeRecord, "name" | "driver">): string {
  const socket = config.engine.volumePlugins[driver];
  const subject = name === "" ? `volume plugin ${driver}` : `volume ${name} uses volume plugin ${driver} but it`;
  const missing = (reason: string) =>
    new ToolError("not-found", `${subject} could not be retrieved: ${reason}: required plugin missing`, {
      code: "plugin-missing",
      exitCode: 125,
    });
  if (socket === undefined) throw missing(`no volume plugin with name ${driver} available`);
  if (!existsSync(socket)) throw missing(`cannot access plugin ${driver} socket ${JSON.stringify(socket)}`);
  return socket;
}

/** A plugin of Docker's may be one of another kind, for networks or logs. */
async function activate(driver: string, socket: string): Promise<void> {
  const answer = await post(socket, "/Plugin.Activate", {}, undefined).catch((error: unknown) => {
    throw wrapError(`activating the volume plugin ${driver}`, error);
  });
  const { Implements: kinds } = answer;
  if (Array.isArray(kinds) && kinds.includes("VolumeDriver")) return;
  throw new ToolError(
    "invalid-argument",
    `plugin ${driver} does not implement volume plugin, instead provides ${Array.isArray(kinds) ? kinds.join(", ") : "nothing"}`,
  );
}

async function call(
  engine: Ports,
  volume: Pick<VolumeRecord, "name" | "driver" | "timeout">,
  path: string,
  body: object,
): Promise<Record<string, unknown>> {
  const seconds = volume.timeout ?? engine.config.engine.volumePluginTimeout;
  try {
    return await post(pluginSocket(engine, volume), path, body, seconds > 0 ? seconds * 1000 : undefined);
  } catch (error) {
    if (error instanceof ToolError && error.code === "plugin-missing") throw error;
    throw wrapError(
      `asking the volume plugin ${volume.driver} for ${path.split(".").at(-1)?.toLowerCase() ?? path}${volume.name === "" ? "" : ` of volume ${volume.name}`}`,
      error,
    );
  }
}

async function post(unixSocket: string, path: string, body: object, timeoutMs: number | undefined): Promise<Record<string, unknown>> {
  const response = await httpRequest(`http://plugin${path}`, {
    method: "POST",
    unixSocket,
    headers: { "content-type": "application/json", accept: "application/vnd.docker.plugins.v1.1+json" },
    body: JSON.stringify(body),
    proxy: "",
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const text = await response.text(LARGEST_ANSWER);
  let answer: unknown;
  try {
    answer = text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    answer = { Err: text.trim() };
  }
  if (typeof answer !== "object" || answer === null) throw new ToolError("unavailable", "the plugin's answer is no object");
  const fields = Object.fromEntries(Object.entries(answer));
  const told = fields["Err"];
  if (typeof told === "string" && told !== "") throw new ToolError("unavailable", told);
  if (response.status !== 200) throw new ToolError("unavailable", `the plugin answered with status ${response.status}`);
  return fields;
}
