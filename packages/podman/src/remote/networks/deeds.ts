import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { NetworkDefinition, NetworkDefinitionInput } from "@containers/common/network/backend";
import type { InspectedNetwork } from "../../networks/inspect.ts";
import { filterQuery } from "../images/list.ts";
import { deleteJson, exists, getJson, postJson, type Service, segment } from "../service.ts";
import { record, records, text } from "../wire.ts";

export interface NetworkReport {
  readonly reference: string;
  /** Empty for one that was not there, and that was no error. */
  readonly id?: string;
  readonly error?: Error;
}

export async function createNetwork(service: Service, wanted: NetworkDefinitionInput, ignore: boolean): Promise<NetworkDefinition> {
  const body = Object.fromEntries(Object.entries(wanted).filter(([, value]) => value !== undefined));
  return (await postJson(service, "/networks/create", {
    query: { ignoreIfExists: ignore },
    body: { ...body, ...(wanted.dns_enabled === undefined ? { dns_enabled: true } : {}) },
  })) as NetworkDefinition;
}

export async function listNetworks(service: Service, filters: readonly string[]): Promise<NetworkDefinition[]> {
  const found = records(await getJson(service, "/networks/json", { filters: filterQuery(filters) })) as unknown as NetworkDefinition[];
  return [...found].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** @throws ToolError not-found */
export async function inspectNetwork(service: Service, name: string): Promise<InspectedNetwork> {
  try {
    const { containers, ...network } = record(await getJson(service, `/networks/${segment(name)}/json`));
    return {
      network: network as unknown as NetworkDefinition,
      containers: new Map(Object.entries(record(containers))) as unknown as InspectedNetwork["containers"],
    };
  } catch (error) {
    if (!isErrorOfKind(error, "not-found")) throw error;
    throw new ToolError("not-found", `network ${name}: network not found`, {
      exitCode: 125,
    });
  }
}

export function networkExists(service: Service, name: string): Promise<boolean> {
  return exists(service, `/networks/${segment(name)}/exists`);
}

export async function removeNetworks(
  service: Service,
  names: readonly string[],
  options: { readonly force: boolean; readonly timeout: number },
): Promise<NetworkReport[]> {
  const reports: NetworkReport[] = [];
  for (const reference of names) {
    try {
      const [answer] = records(
        await deleteJson(service, `/networks/${segment(reference)}`, { force: options.force, timeout: options.timeout }),
      );
      const failure = text(answer?.["Err"]);
      reports.push(failure === "" ? { reference, id: reference } : { reference, error: new ToolError("internal", failure) });
    } catch (error) {
      if (options.force && isErrorOfKind(error, "not-found")) reports.push({ reference, id: "" });
      else reports.push({ reference, error: removalError(error) });
    }
  }
  return reports;
}

/** A network in use is told by words alone. */
function removalError(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error);
  if (/network is being used|has associated containers/.test(message)) return new ToolError("in-use", message);
  return error instanceof Error ? error : new Error(message);
}

export async function pruneNetworks(service: Service, filters: readonly string[]): Promise<NetworkReport[]> {
  return records(await postJson(service, "/networks/prune", { query: { filters: filterQuery(filters) } })).map((one) => {
    const failure = text(one["Error"]);
    return { reference: text(one["Name"]), ...(failure === "" ? {} : { error: new ToolError("internal", failure) }) };
  });
}

export async function connectContainer(
  service: Service,
  network: string,
  container: string,
  options: { readonly aliases: readonly string[]; readonly staticIps: readonly string[]; readonly staticMac?: string | undefined },
): Promise<void> {
  await tell(service, `/networks/${segment(network)}/connect`, {
    container,
    aliases: options.aliases,
    static_ips: options.staticIps,
    ...(options.staticMac === undefined ? {} : { static_mac: options.staticMac }),
  });
}

export async function disconnectContainer(service: Service, network: string, container: string): Promise<void> {
  await tell(service, `/networks/${segment(network)}/disconnect`, { container, Force: false });
}

/** Changes the network's own name servers. */
export async function updateNetwork(
  service: Service,
  network: string,
  options: { readonly add: readonly string[]; readonly drop: readonly string[] },
): Promise<void> {
  await tell(service, `/networks/${segment(network)}/update`, { adddnsservers: options.add, removednsservers: options.drop });
}

/** The answer is a word, and no JSON. */
async function tell(service: Service, path: string, body: object): Promise<void> {
  await (await service.request("POST", path, { body })).discard();
}
