import { closeSync } from "node:fs";
import { ToolError } from "../errors/tool-error.ts";
import { linuxSys } from "../sys/linux.ts";
import type { Sys } from "../sys/sys.ts";
import type { PortMapping } from "./port-mapping.ts";
import type { ExposedPort } from "./port-syntax.ts";

/** What to publish: the `-p` flags, and with `-P` every exposed port that no flag covers. */
export interface PortRequest {
  readonly published: readonly PortMapping[];
  readonly exposed?: readonly ExposedPort[];
}

/** Says whether `range` ports from `port` on are free on the host. */
export type PortProbe = (mapping: PortMapping) => boolean;

/** Where free host ports are looked for: the kernel's default range for outgoing connections. */
const FIRST_RANDOM = 32768;
const LAST_RANDOM = 60999;
const ATTEMPTS = 64;

/**
 * The final mappings: neighbours joined into ranges, the same host port asked for twice refused, a free host port chosen where
 * none was given. The choice is a guess until {@link reservePorts} has bound it.
 */
export function assignPorts(request: PortRequest, isFree: PortProbe = isFreeOnHost): PortMapping[] {
  const fixed = joinRanges(request.published.filter((one) => one.host_port !== 0));
  const open = dropDuplicates(request.published.filter((one) => one.host_port === 0));
  const covered = (port: ExposedPort) =>
    [...fixed, ...open].some(
      (one) => one.protocol === port.protocol && port.port >= one.container_port && port.port < one.container_port + one.range,
    );
  const exposed = (request.exposed ?? [])
    .filter((port) => !covered(port))
    .map(({ port, protocol }): PortMapping => ({ host_ip: "", container_port: port, host_port: 0, range: 1, protocol }));
  const result = [...fixed];
  for (const one of [...open, ...exposed]) result.push(withFreePort(one, result, isFree));
  return result;
}

function withFreePort(mapping: PortMapping, taken: readonly PortMapping[], isFree: PortProbe): PortMapping {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const span = LAST_RANDOM - FIRST_RANDOM + 1;
    const host_port = FIRST_RANDOM + Math.floor(Math.random() * span);
    const candidate: PortMapping = { ...mapping, host_port };
    if (host_port + mapping.range - 1 > 65535 || taken.some((one) => overlap(one, candidate))) continue;
    if (isFree(candidate)) return candidate;
  }
  const range = mapping.range > 1 ? `with range ${mapping.range} ` : "";
  throw new ToolError("unavailable", `failed to find an open port to expose container port ${mapping.container_port} ${range}on the host`);
}

/** Binds and lets go again. */
function isFreeOnHost(mapping: PortMapping, sys: Sys = linuxSys()): boolean {
  try {
    for (let offset = 0; offset < mapping.range; offset++) {
      closeSync(sys.bindPort(mapping.protocol, mapping.host_ip === "" ? "0.0.0.0" : mapping.host_ip, mapping.host_port + offset));
    }
    return true;
  } catch {
    return false;
  }
}

/** Mappings of one address and protocol in order of host port; those that continue or repeat each other become one. */
function joinRanges(mappings: readonly PortMapping[]): PortMapping[] {
  const sorted = mappings.toSorted(
    (a, b) =>
      compare(a.host_ip, b.host_ip) || compare(a.protocol, b.protocol) || a.host_port - b.host_port || a.container_port - b.container_port,
  );
  const joined: PortMapping[] = [];
  for (const one of sorted) {
    const previous = joined.at(-1);
    if (
      previous === undefined ||
      previous.host_ip !== one.host_ip ||
      previous.protocol !== one.protocol ||
      previous.host_port + previous.range < one.host_port
    ) {
      joined.push(one);
      continue;
    }
    const distance = one.host_port - previous.host_port;
    if (distance === one.container_port - previous.container_port) {
      joined[joined.length - 1] = { ...previous, range: Math.max(previous.range, one.range + distance) };
    } else if (previous.host_port + previous.range > one.host_port) {
      throw new ToolError("invalid-argument", `conflicting port mappings for host port ${one.host_port} (protocol ${one.protocol})`);
    } else {
      joined.push(one);
    }
  }
  return joined;
}

function dropDuplicates(mappings: readonly PortMapping[]): PortMapping[] {
  return mappings.filter((one, index) => mappings.findIndex((other) => JSON.stringify(other) === JSON.stringify(one)) === index);
}

function overlap(a: PortMapping, b: PortMapping): boolean {
  return a.protocol === b.protocol && a.host_port < b.host_port + b.range && b.host_port < a.host_port + a.range;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
