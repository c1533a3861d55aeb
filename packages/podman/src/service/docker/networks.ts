import { isIP } from "node:net";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition, NetworkDefinitionInput } from "@containers/common/network/backend";
import type * as z from "zod/mini";
import type { Engine } from "../../engine/engine.ts";
import { connectContainer, disconnectContainer } from "../../networks/connect.ts";
import { createNetwork } from "../../networks/create.ts";
import { type InspectedNetwork, inspectNetwork } from "../../networks/inspect.ts";
import { listNetworks } from "../../networks/list.ts";
import { pruneNetworks } from "../../networks/prune.ts";
import { removeNetworks } from "../../networks/remove.ts";
import { subnetsFromFlags } from "../../networks/subnets-from-flags.ts";
import { HttpError, withStatuses } from "../errors-to-http.ts";
import type { Reply } from "../http/exchange.ts";
import { readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { Handler } from "../route.ts";
import { networkConnectSchema, networkCreateSchema, networkDisconnectSchema } from "../wire/networks.ts";
import { readBody } from "../wire/read-body.ts";
import { filterTexts } from "./containers/prune.ts";

/** Networks, for Docker's clients, who know the default one as `bridge`. */

function ownName({ defaults }: Engine, name: string): string {
  return name === "bridge" ? defaults.defaultNetwork : name;
}

/** `GET /networks`. */
export const listNetworksRoute: Handler = (request) => {
  const { engine } = request;
  const filters = filterTexts(request).map((text) => (text === "name=bridge" ? `name=${engine.defaults.defaultNetwork}` : text));
  const reports = listNetworks(engine, { filters }).map(({ name }) => {
    const known = networkJson(inspectNetwork(engine, name));
    return name === engine.defaults.defaultNetwork ? { ...known, Name: "bridge" } : known;
  });
  return json(200, reports);
};

/** `GET /networks/{name}`. */
export const inspectNetworkRoute: Handler = ({ engine, param }) => {
  const asked = param("name");
  const name = ownName(engine, asked);
  if (engine.networks.get(name) === undefined) throw notFound(name);
  const known = networkJson(inspectNetwork(engine, name));
  return json(200, asked === "bridge" ? { ...known, Name: "bridge" } : known);
};

function notFound(name: string): HttpError {
  return new HttpError(404, `unable to find network with name or ID ${name}: network not found`, { because: "network not found" });
}

function networkJson({ network, containers }: InspectedNetwork): Record<string, unknown> {
  const { isolate: _, ...options } = network.options ?? {};
  const driver = network.ipam_options?.["driver"];
  return {
    Name: network.name,
    Id: network.id,
    Created: network.created,
    Scope: "local",
    Driver: network.driver,
    EnableIPv4: false,
    EnableIPv6: network.ipv6_enabled,
    IPAM: {
      Driver: driver === "host-local" ? "default" : (driver ?? ""),
      Options: network.ipam_options ?? {},
      Config: (network.subnets ?? []).map(({ subnet, gateway }) => ({ Subnet: subnet, ...(gateway ? { Gateway: gateway } : {}) })),
    },
    Internal: network.internal,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: "" },
    ConfigOnly: false,
    Containers: Object.fromEntries([...containers].map(([id, member]) => [id, memberJson(member)])),
    Options: options,
    Labels: network.labels ?? {},
  };
}

type Member = InspectedNetwork["containers"] extends ReadonlyMap<string, infer M> ? M : never;

function memberJson({ name, interfaces }: Member): Record<string, string> {
  const [first] = Object.values(interfaces ?? {});
  const addresses = (first?.subnets ?? []).map(({ ipnet }) => ipnet);
  return {
    Name: name,
    EndpointID: "",
    MacAddress: first?.mac_address ?? "",
    IPv4Address: addresses.find((address) => !address.includes(":")) ?? "",
    IPv6Address: addresses.find((address) => address.includes(":")) ?? "",
  };
}

/** `POST /networks/create`. */
export const createNetworkRoute: Handler = async (request) => {
  const body = await readBody(request, networkCreateSchema, { context: "Decode()", type: "network.CreateRequest" });
  const { input, warning } = definition(body);
  const made = await withStatuses({ "already-exists": 409, "not-found": 500 }, () => createNetwork(request.engine, input));
  return json(201, { Id: made.id, Warning: warning });
};

type CreateBody = z.infer<typeof networkCreateSchema>;

function definition(body: CreateBody): { input: NetworkDefinitionInput; warning: string } {
  const driver = body.Driver || "bridge";
  const isBridge = driver === "bridge";
  const isLan = driver === "macvlan" || driver === "ipvlan";
  // Docker keeps bridges apart from each other.
  const options: Record<string, string> = isBridge ? { isolate: "true" } : {};
  let networkInterface: string | undefined;
  let warning = "";
  for (const [key, value] of Object.entries(body.Options ?? {})) {
    if (key === "mtu" || key === "com.docker.network.driver.mtu") options["mtu"] = value;
    else if (key === "com.docker.network.bridge.name") networkInterface = isBridge ? value : networkInterface;
    else if (key === "mode") Object.assign(options, isLan ? { mode: value } : {});
    else if (key === "parent") networkInterface = isLan ? value : networkInterface;
    else warning = `"${key}: ${value}" is not a recognized option`;
  }
  return {
    warning,
    input: {
      ...(body.Name ? { name: body.Name } : {}),
      driver,
      internal: body.Internal === true,
      ipv6_enabled: body.EnableIPv6 === true,
      ...(isBridge ? { dns_enabled: true } : {}),
      labels: body.Labels ?? {},
      options,
      subnets: subnets(body),
      ...(networkInterface === undefined ? {} : { network_interface: networkInterface }),
    },
  };
}

function subnets({ IPAM: ipam }: CreateBody): NonNullable<NetworkDefinition["subnets"]> {
  return (ipam?.Config ?? []).flatMap(({ Subnet, Gateway, IPRange }) => {
    if (!Subnet) return [];
    if (Gateway && isIP(Gateway) === 0) throw new ToolError("invalid-argument", `failed to parse gateway ip ${Gateway}`);
    if (!/^[0-9a-fA-F:.]+\/\d{1,3}$/.test(Subnet))
      throw new ToolError("invalid-argument", `failed to parse subnet: invalid CIDR address: ${Subnet}`);
    return subnetsFromFlags({ subnets: [Subnet], gateways: Gateway ? [Gateway] : [], ranges: IPRange ? [IPRange] : [] });
  });
}

/** `DELETE /networks/{name}`. */
export const removeNetworkRoute: Handler = async (request) => {
  const { engine } = request;
  const { force, timeout } = readQuery(request, { force: "bool", timeout: "int" });
  const name = ownName(engine, request.param("name"));
  if (engine.networks.get(name) === undefined && force !== true) throw new HttpError(404, "network not found");
  const isDefault = engine.networks.get(name)?.name === engine.defaults.defaultNetwork;
  const [report] = await removeNetworks(engine, [name], { force: force === true, ...(timeout === undefined ? {} : { timeout }) });
  if (isDefault && !isErrorOfKind(report?.error, "in-use"))
    throw new HttpError(500, `default network ${engine.defaults.defaultNetwork} cannot be removed`);
  if (report?.error !== undefined) throw report.error;
  return empty();
};

/** `POST /networks/{name}/connect`. A container that is there already stays as it is. */
export const connectNetworkRoute: Handler = async (request) => {
  const { engine } = request;
  const body = await readBody(request, networkConnectSchema, { context: "Decode()", type: "network.ConnectOptions" });
  if (!body.Container) throw new HttpError(500, "name or ID cannot be empty");
  const endpoint = body.EndpointConfig;
  const addresses = [endpoint?.IPAddress, endpoint?.IPAMConfig?.IPv4Address, endpoint?.IPAMConfig?.IPv6Address];
  const staticIps = addresses.flatMap((address) => (address ? [address] : []));
  const bad = staticIps.find((address) => isIP(address) === 0);
  if (bad !== undefined) throw new HttpError(500, `failed to parse the ip address ${JSON.stringify(bad)}`);
  try {
    await withStatuses({ "already-exists": 403 }, () =>
      connectContainer(engine, ownName(engine, request.param("name")), body.Container ?? "", {
        aliases: endpoint?.Aliases ?? [],
        staticIps,
        ...(endpoint?.MacAddress ? { staticMac: endpoint.MacAddress } : {}),
      }),
    );
  } catch (error) {
    if (!(error instanceof HttpError && error.status === 403)) throw error;
    const running = engine.state.containers.resolve(body.Container ?? "")?.state.status === "running";
    // The original minds it only where the container runs.
    if (running) throw error;
  }
  return ok();
};

/** `POST /networks/{name}/disconnect`. */
export const disconnectNetworkRoute: Handler = async (request) => {
  const { engine } = request;
  const body = await readBody(request, networkDisconnectSchema, { context: "Decode()", type: "network.DisconnectOptions" });
  await disconnectContainer(engine, ownName(engine, request.param("name")), body.Container ?? "");
  return ok();
};

/** Text, as the original has it. */
function ok(): Reply {
  return { status: 200, headers: { "Content-Type": "text/plain; charset=us-ascii" }, body: "OK\n" };
}

/** `POST /networks/prune`. */
export const pruneNetworksRoute: Handler = async (request) => {
  const reports = await pruneNetworks(request.engine, filterTexts(request, { context: "Decode()" }));
  return json(200, { NetworksDeleted: reports.flatMap(({ name, reference, error }) => (error === undefined ? [name ?? reference] : [])) });
};
