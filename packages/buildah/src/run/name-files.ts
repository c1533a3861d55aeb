import { existsSync, readFileSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RunNetwork } from "./network.ts";

export interface NameSettings {
  readonly hostname: string;
  readonly containerName: string;
  /** `name:address` and `name:host-gateway`. */
  readonly addHosts: readonly string[];
  readonly dns: readonly string[];
  readonly dnsSearch: readonly string[];
  readonly dnsOptions: readonly string[];
}

/** /etc/hosts for a run: the host's own entries, what `--add-host` says, and the process itself. */
export function hostsFile(network: RunNetwork, settings: NameSettings): string {
  const gateway = network.hostAddresses[0];
  const added = settings.addHosts.flatMap((entry) => {
    const colon = entry.indexOf(":");
    if (colon < 1) throw new ToolError("invalid-argument", `invalid format for add-host: ${JSON.stringify(entry)}: must be NAME:ADDRESS`);
    const address = entry.slice(colon + 1).replace(/^\[(.*)\]$/, "$1");
    if (address === "host-gateway" && gateway === undefined) throw new ToolError("unavailable", `--add-host ${entry}: the host has no address here`);
    return entry.slice(0, colon).split(";").map((name) => `${address === "host-gateway" ? gateway : address}\t${name}`);
  });
  const host = gateway === undefined ? [] : [`${gateway}\thost.containers.internal host.docker.internal`];
  const own = network.addresses.map((address) => `${address}\t${settings.hostname} ${settings.containerName}`);
  return [readIfThere("/etc/hosts").replace(/\n*$/, ""), ...added, ...host, ...own, ""].join("\n");
}

/** /etc/resolv.conf for a run. Name servers on the host's loopback are out of reach in another network namespace. */
export function resolvFile(network: RunNetwork, settings: NameSettings): string {
  const lines = readIfThere(existsSync("/run/systemd/resolve/resolv.conf") && network.namespace !== undefined ? "/run/systemd/resolve/resolv.conf" : "/etc/resolv.conf")
    .split("\n")
    .map((line) => line.trim());
  const values = (key: string) => lines.filter((line) => line.startsWith(`${key} `) || line.startsWith(`${key}\t`)).map((line) => line.slice(key.length).trim());
  const hostServers = values("nameserver").filter((server) => network.namespace === undefined || !/^(127\.|::1$)/.test(server));
  const servers = [settings.dns, network.dnsServers, hostServers].find((list) => list.length > 0) ?? [];
  const search = settings.dnsSearch.length > 0 ? settings.dnsSearch.filter((domain) => domain !== ".") : [...network.searchDomains, ...values("search").flatMap((line) => line.split(/\s+/))];
  const options = settings.dnsOptions.length > 0 ? settings.dnsOptions : values("options").flatMap((line) => line.split(/\s+/));
  return [
    ...(search.length === 0 ? [] : [`search ${search.join(" ")}`]),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length === 0 ? [] : [`options ${options.join(" ")}`]),
    "",
  ].join("\n");
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
