import { ToolError } from "../../errors/tool-error.ts";
import type { NetworkDefinition, NetworkOptions, NetworkStatus, PerNetworkOptions } from "../backend.ts";

/**
 * What `netavark setup` and `teardown` read on standard input; versions 1.4 to 1.17 take it, ignoring keys they do not know.
 * https://github.com/containers/netavark/blob/main/src/network/types.rs
 */
export function netavarkInput(options: NetworkOptions, definitions: Readonly<Record<string, NetworkDefinition>>): string {
  return JSON.stringify({
    container_id: options.containerId,
    container_name: options.containerName,
    container_hostname: options.containerHostname,
    port_mappings: options.portMappings.map((port) => ({ ...port, host_ip: port.host_ip })),
    networks: Object.fromEntries(Object.entries(options.networks).map(([name, one]) => [name, perNetwork(one)])),
    dns_servers: options.dnsServers,
    network_info: definitions,
  });
}

function perNetwork(options: PerNetworkOptions): object {
  return {
    interface_name: options.interfaceName,
    static_ips: options.staticIps?.length === 0 ? undefined : options.staticIps,
    aliases: options.aliases?.length === 0 ? undefined : options.aliases,
    static_mac: options.staticMac,
    options: options.options,
  };
}

/** Reads what `netavark setup` prints: a status per network. */
export function parseNetavarkStatus(stdout: string, networks: readonly string[]): Record<string, NetworkStatus> {
  const data = parseObject(stdout);
  const result: Record<string, NetworkStatus> = {};
  for (const name of networks) {
    const status = data?.[name];
    if (!isObject(status) || !isObject(status.interfaces))
      throw new ToolError("internal", `netavark reported nothing about network ${name}: ${stdout.trim()}`);
    result[name] = status as unknown as NetworkStatus;
  }
  return result;
}

/** What it prints when it fails: `{"error": …}` on standard output; warnings and panics on standard error. */
export function netavarkMessage(stdout: string, stderr: string): string {
  const error = parseObject(stdout)?.error;
  if (typeof error === "string") return error;
  return stderr.trim() || stdout.trim() || "no message";
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const data: unknown = JSON.parse(text);
    return isObject(data) ? data : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
