import { existsSync, mkdirSync } from "node:fs";
import type { FlagValues, Invocation } from "@containers/common/cli/define-command";
import { createFlagParser } from "@containers/common/cli/parse-flags";
import { signalNumber } from "@containers/common/sys/signals";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import { containerSpec, createFlags } from "../../../cli/flags/create-flags.ts";
import type { ContainerSpec } from "../../../container-spec/container-spec.ts";
import type { NetworkAttachment } from "../../../container-spec/network-spec.ts";
import { createContainer } from "../../../containers/creation/create.ts";
import type { Engine } from "../../../engine/engine.ts";
import { HttpError, httpError, withContext, withStatuses } from "../../errors-to-http.ts";
import { readQuery } from "../../query.ts";
import { json } from "../../reply.ts";
import type { Handler } from "../../route.ts";
import { type ContainerCreateBody, containerCreateSchema, type EndpointBody } from "../../wire/container-create.ts";
import { readBody } from "../../wire/read-body.ts";
import { dockerImageName } from "../images/docker-image-name.ts";
import { platformOf } from "../images/platform-of.ts";
import { createArguments } from "./create-arguments.ts";

/** `POST /containers/create`. */
export const createContainerRoute: Handler = async (request) => {
  const { engine } = request;
  const { name = "", platform } = readQuery(request, { name: "string", platform: "string" });
  const body = await readBody(request, containerCreateSchema, { type: "handlers.CreateContainerConfig" });
  if ((body.HostConfig?.Links ?? []).length > 0)
    throw new HttpError(400, "bad parameter: link is not supported", { because: "link is not supported" });
  const image = await localImage(engine, body.Image ?? "", platform);
  const { CpuPeriod, CpuQuota, NanoCpus } = body.HostConfig ?? {};
  if (NanoCpus && (CpuPeriod || CpuQuota)) {
    const because = "NanoCpus conflicts with CpuPeriod and CpuQuota";
    throw new HttpError(500, `make cli opts(): ${because}`, { because });
  }
  requireHostPorts(body);
  requireReadable(body);
  const spec = await readSpec(body, () => specOf(engine, { ...body, Image: image }, name.replace(/^\//, "")));
  makeBindSources(body);
  const { config } = await withContext("container create", () => createContainer(engine, spec)).catch((error: unknown) => {
    throw withoutAdvice(error);
  });
  return json(201, { Id: config.id, Warnings: [] });
};

/** @throws HttpError in the words of the stage at which the original notices */
async function readSpec(body: ContainerCreateBody, read: () => ContainerSpec): Promise<ContainerSpec> {
  try {
    return read();
  } catch (error) {
    if (error instanceof HttpError) throw error;
    const { message, because } = httpError(500, error);
    const isLate =
      message.startsWith("running container create option: ") || (message.startsWith("invalid container path") && hasBinds(body));
    // Which flag it was says nothing to who has none.
    const bare = (text: string): string => text.replace(/^(unrecognized namespace mode \S+ passed) to --\w+$/, "$1");
    throw new HttpError(500, `${isLate ? "container create" : "fill out specgen"}: ${bare(message)}`, {
      ...(because === undefined ? {} : { because: bare(because) }),
      cause: error,
    });
  }
}

function hasBinds({ HostConfig: host }: ContainerCreateBody): boolean {
  return (host?.Binds ?? []).length > 0;
}

/** What the original notices while it reads the body. */
function requireReadable({ ExposedPorts: exposed, StopSignal: signal }: ContainerCreateBody): void {
  const port = Object.keys(exposed ?? {}).find((one) => !/^\d/.test(one));
  if (port !== undefined) {
    const [number = "", protocol = "tcp"] = port.split("/");
    const because = `strconv.ParseUint: parsing ${JSON.stringify(number)}: invalid syntax`;
    const message = `fill out specgen: invalid range format for --expose: ${number}/${protocol}: ${because}`;
    throw new HttpError(500, message, { because: "invalid syntax" });
  }
  if (!signal || signalNumber(signal) !== undefined) return;
  throw new HttpError(500, `fill out specgen: invalid signal: ${signal}`, { because: `invalid signal: ${signal}` });
}

/** Ports of the host are read before anything else is looked at. */
function requireHostPorts({ HostConfig: host }: ContainerCreateBody): void {
  for (const [port, bindings] of Object.entries(host?.PortBindings ?? {})) {
    const wrong = (bindings ?? []).find(({ HostPort }) => HostPort && !/^[+-]?\d+$/.test(HostPort))?.HostPort;
    if (wrong) {
      const because = "invalid syntax";
      throw new HttpError(500, `make cli opts(): strconv.Atoi: parsing ${JSON.stringify(wrong)}: ${because}`, { because });
    }
    if (!/^\d/.test(port)) throw new HttpError(500, "container create: container port number must be non-0", NO_PORT);
  }
}

const NO_PORT = { because: "container port number must be non-0" };

/** On the command line the message names a flag that there is not here. */
function withoutAdvice(error: unknown): unknown {
  const advice = ", or use --replace to instruct Podman to do so.";
  if (!(error instanceof HttpError) || !error.message.endsWith(advice)) return error;
  return new HttpError(500, error.message.slice(0, -advice.length), { because: "that name is already in use" });
}

async function localImage(engine: Engine, name: string, platform: string | undefined): Promise<string> {
  const full = await withContext("normalizing image", () => dockerImageName(engine, name));
  const choice = await withContext("parsing platform", () => platformOf(platform), 400);
  try {
    const found = await withStatuses({ "invalid-argument": 500 }, () =>
      requireLocalImage(engine.images, full, choice === undefined ? {} : { platform: choice }),
    );
    return found.name;
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw new HttpError(404, `no such image: ${full}: image not known`, { because: "image not known", cause: httpError(404, error) });
  }
}

/** The specification, by way of the flags that say the same. */
function specOf(engine: Engine, body: ContainerCreateBody, name: string): ContainerSpec {
  const parser = createFlagParser();
  parser.add(createFlags);
  const { args } = parser.parse(createArguments(body, { name, network: networkMode(engine, body) }), 0, true);
  const invocation: Invocation<FlagValues<typeof createFlags>> = {
    // The parser has filled in every key of the set.
    flags: parser.values(createFlags) as unknown as FlagValues<typeof createFlags>,
    args,
    globals: body.HostConfig?.Runtime ? { runtime: body.HostConfig.Runtime } : {},
    given: (flag) => parser.given(flag),
    commandPath: "podman create",
    out: { stdout: () => undefined, stderr: (text) => engine.warn(String(text).trim()), isTerminal: false },
  };
  const spec = containerSpec(invocation);
  const { MacAddress: mac } = body;
  return {
    ...spec,
    pull: { policy: "never" },
    createCommand: [],
    umask: "",
    sdnotify: "",
    makeWorkdir: true,
    network: {
      ...spec.network,
      ...namedNetworks(engine, body),
      ...(mac && Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {}).length === 0 ? { staticMac: mac } : {}),
      ...(engine.defaults.baseHostsFile === "" ? { hostsFile: "none" } : {}),
    },
  };
}

/** Rootless too, Docker's clients expect a network of bridges, unless containers.conf asks for something else. */
function networkMode({ defaults }: Engine, body: ContainerCreateBody): string {
  const asked = body.HostConfig?.NetworkMode ?? "";
  if (asked !== "" && asked !== "default") return asked;
  return defaults.netns === "" || defaults.netns === "private" ? "bridge" : defaults.netns;
}

/** Networks with addresses and names in them take the place of the mode, which can only name them. */
function namedNetworks(engine: Engine, body: ContainerCreateBody): Pick<ContainerSpec["network"], "networks"> {
  const endpoints = Object.entries(body.NetworkingConfig?.EndpointsConfig ?? {});
  if (endpoints.length === 0) return {};
  if (/^(host|none|private|pasta|slirp4netns|container:|ns:)/.test(networkMode(engine, body))) {
    if (endpoints.some(([, endpoint]) => endpoint?.Aliases?.length || endpoint?.IPAMConfig || endpoint?.MacAddress))
      throw new HttpError(500, "make cli opts(): networks and static ip/mac address can only be used with Bridge mode networking");
    return {};
  }
  const usual = (name: string): string => (name === "default" || name === "bridge" ? engine.defaults.defaultNetwork : name);
  return {
    networks: Object.fromEntries(endpoints.map(([name, endpoint]) => [usual(name), attachment(endpoint, body.MacAddress ?? "")])),
  };
}

function attachment(endpoint: EndpointBody, containerMac: string): NetworkAttachment {
  const addresses = [endpoint?.IPAddress, endpoint?.IPAMConfig?.IPv4Address, endpoint?.IPAMConfig?.IPv6Address];
  const mac = endpoint?.MacAddress || containerMac;
  return {
    aliases: endpoint?.Aliases ?? [],
    staticIps: addresses.flatMap((address) => (address ? [address] : [])),
    ...(mac === "" ? {} : { staticMac: mac }),
  };
}

/** Docker makes a directory of the host's that is to be mounted and is not there. What is there may be a file. */
function makeBindSources({ HostConfig: host }: ContainerCreateBody): void {
  const binds = (host?.Binds ?? []).map((bind) => bind.split(":")[0] ?? "");
  for (const source of [...binds, ...(host?.Mounts ?? []).map(({ Source }) => Source ?? "")]) {
    if (source.startsWith("/") && !existsSync(source)) mkdirSync(source, { recursive: true, mode: 0o755 });
  }
}
