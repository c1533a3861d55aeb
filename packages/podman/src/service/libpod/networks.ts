import { isIP } from "node:net";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { resolveContainer } from "../../locks/with-container-lock.ts";
import { createNetwork } from "../../networks/create.ts";
import { type InspectedNetwork, inspectNetwork } from "../../networks/inspect.ts";
import { listNetworks } from "../../networks/list.ts";
import { pruneNetworks } from "../../networks/prune.ts";
import { removeNetworks } from "../../networks/remove.ts";
import { HttpError, httpError } from "../errors-to-http.ts";
import { readFilters, readQuery } from "../query.ts";
import { empty, json } from "../reply.ts";
import type { ApiRequest, Handler } from "../route.ts";
import { dictionary, flag, list, natural, struct, text } from "../wire/go-object.ts";
import { perNetworkShape } from "../wire/spec-generator-shape.ts";
import { readAttachment } from "../wire/spec-network.ts";
import { errorText, filterTexts, line, readJson } from "./answers.ts";

const leaseRange = struct("types.LeaseRange", { start_ip: text, end_ip: text });

const definition = struct("types.Network", {
  name: text,
  id: text,
  created: text,
  driver: text,
  network_interface: text,
  subnets: list(struct("types.Subnet", { subnet: text, gateway: text, lease_range: leaseRange })),
  routes: list(struct("types.Route", { destination: text, gateway: text, metric: natural })),
  ipv6_enabled: flag,
  internal: flag,
  dns_enabled: flag,
  network_dns_servers: list(text),
  labels: dictionary(text),
  options: dictionary(text),
  ipam_options: dictionary(text),
});

const JSON_PAYLOAD = "failed to decode request JSON payload";

/** Go leaves a zero value where a body says nothing: `dns_enabled` is then false, not the default of the command line. */
export const create = sinceVersion4(async (request) => {
  const { ignoreIfExists = false } = readQuery(request, { ignoreIfExists: "bool" });
  const body = await readJson(request, definition, { doing: JSON_PAYLOAD });
  const { name, id = "", created, subnets = [], routes = [], ...rest } = body;
  if (created !== undefined && Number.isNaN(Date.parse(created))) throw unreadableTime(created);
  for (const range of [...subnets.map(({ subnet }) => subnet), ...routes.map(({ destination }) => destination)]) requireRange(range);
  if (id !== "") throw new HttpError(500, "ID can not be set for network create: invalid argument", { because: "invalid argument" });
  try {
    const network = createNetwork(
      request.engine,
      {
        ...rest,
        ...(name === undefined || name === "" ? {} : { name }),
        driver: rest.driver === undefined || rest.driver === "" ? "bridge" : rest.driver,
        dns_enabled: rest.dns_enabled ?? false,
        subnets: subnets.map(({ subnet = "", ...more }) => ({ subnet, ...more })),
        routes: routes.map(({ destination = "", gateway = "", ...more }) => ({ destination, gateway, ...more })),
      },
      ignoreIfExists,
    );
    return json(200, network);
  } catch (error) {
    throw isErrorOfKind(error, "already-exists") ? httpError(409, error) : httpError(500, error);
  }
});

function unreadableTime(text: string): HttpError {
  const because = `parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`;
  return new HttpError(500, `${JSON_PAYLOAD}: ${because}`, { because });
}

/** Go reads addresses while it decodes. */
function requireRange(range: string | undefined): void {
  if (!range || /^[0-9a-fA-F:.]+\/\d{1,3}$/.test(range)) return;
  const because = `invalid CIDR address: ${range}`;
  throw new HttpError(500, `${JSON_PAYLOAD}: ${because}`, { because });
}

export const listAll = sinceVersion4((request) => {
  const filters = filterTexts(readFilters(request));
  return json(200, listNetworks(request.engine, { filters }));
});

export const inspect = sinceVersion4((request) => json(200, describe(find(request))));

export const exists = sinceVersion4((request) => {
  find(request);
  return empty();
});

export const remove = sinceVersion4(async (request) => {
  const { force = false } = readQuery(request, { force: "bool" }, { status: 500 });
  const name = request.param("name");
  const { engine } = request;
  if (engine.networks.get(name) === undefined) throw new HttpError(404, unknownNetwork(name), { because: "network not found" });
  const isDefault = engine.networks.get(name)?.name === engine.networks.get("podman")?.name;
  const [report] = await removeNetworks(engine, [name], { force });
  // The original tells of its default network in the answer.
  if (isDefault && !isErrorOfKind(report?.error, "in-use"))
    return json(200, [{ Name: name, Err: `default network ${name} cannot be removed` }]);
  if (report?.error !== undefined) throw httpError(500, report.error);
  return json(200, [{ Name: name, Err: null }]);
});

export const prune = sinceVersion4(async (request) => {
  const reports = await pruneNetworks(request.engine, filterTexts(readFilters(request, { context: "" })));
  return json(
    200,
    reports.map(({ name, reference, error }) => ({ Name: name ?? reference, Error: errorText(error) })),
  );
});

const connection = struct("entities.NetworkConnectOptions", { container: text, ...perNetworkShape });

export const connect = sinceVersion4(async (request) => {
  const { container = "", ...options } = await readJson(request, connection, { doing: JSON_PAYLOAD });
  const bad = (options.static_ips ?? []).find((address) => isIP(address) === 0);
  if (bad !== undefined) throw new HttpError(500, `${JSON_PAYLOAD}: invalid IP address: ${bad}`, { because: `invalid IP address: ${bad}` });
  const name = request.param("name");
  const { engine } = request;
  requireBoth(request, name, container);
  const { connectContainer } = await import("../../networks/connect.ts");
  await connectContainer(engine, name, container, readAttachment(options));
  return line(200, "OK");
});

export const disconnect = sinceVersion4(async (request) => {
  const body = await readJson(request, struct("network.DisconnectOptions", { Container: text, Force: flag }), { doing: "Decode()" });
  const name = request.param("name");
  const container = body.Container ?? "";
  requireBoth(request, name, container);
  const { disconnectContainer } = await import("../../networks/connect.ts");
  await disconnectContainer(request.engine, name, container);
  return line(200, "OK");
});

const changes = struct("entities.NetworkUpdateOptions", { adddnsservers: list(text), removednsservers: list(text) });

export const update: Handler = async (request) => {
  const body = await readJson(request, changes, { doing: JSON_PAYLOAD, status: 400 });
  try {
    await request.engine.networkHost.updateDnsServers(request.param("name"), {
      add: body.adddnsservers ?? [],
      drop: body.removednsservers ?? [],
    });
  } catch (error) {
    throw httpError(500, error);
  }
  return empty();
};

/** Networks of version 3 were made of other things: the original refuses to speak of them. */
function sinceVersion4(handler: Handler): Handler {
  return (request) => {
    const version = request.version ?? "";
    if (Number.parseInt(version, 10) >= 4) return handler(request);
    const because = "given version is not supported";
    throw new HttpError(400, `failed to parse query parameter 'version': ${JSON.stringify(version)}: ${because}`, { because });
  };
}

function requireBoth({ engine }: Pick<ApiRequest, "engine">, network: string, container: string): void {
  resolveContainer(engine, container);
  if (engine.networks.get(network) === undefined) throw new HttpError(404, unknownNetwork(network), { because: "network not found" });
}

function find(request: ApiRequest): InspectedNetwork {
  try {
    return inspectNetwork(request.engine, request.param("name"));
  } catch (error) {
    throw isErrorOfKind(error, "not-found") ? new HttpError(404, "network not found") : error;
  }
}

function describe({ network, containers }: InspectedNetwork): object {
  return { ...network, containers: Object.fromEntries(containers) };
}

function unknownNetwork(name: string): string {
  return `unable to find network with name or ID ${name}: network not found`;
}
