import { ToolError } from "../errors/tool-error.ts";
import { formatIp, parseIp } from "./ip-address.ts";
import type { PortMapping } from "./port-mapping.ts";

type Protocol = PortMapping["protocol"];

/** A port that an image or `--expose` names. */
export interface ExposedPort {
  readonly port: number;
  readonly protocol: Protocol;
}

/**
 * One `--publish` value: `[[IP:][HOST]:]CONTAINER[/PROTOCOL[,PROTOCOL]]`, where HOST and CONTAINER may be ranges of one length and
 * a version 6 IP stands in brackets. A host port of 0 means that a free one is still to be chosen, see {@link assignPorts}.
 * One mapping per protocol.
 */
export function parsePort(text: string): PortMapping[] {
  const [address, protocols, ...more] = text.split("/");
  if (address === undefined || more.length > 0) throw invalid("invalid port format - protocol can only be specified once");
  const { ip, host, container } = splitAddress(address);
  if (container === "") throw invalid("must provide a non-empty container port to publish");
  const inside = parseRange(container, "parsing container port: ");
  const outside = host === undefined || host === "" ? { start: 0, length: inside.length } : parseRange(host, "parsing host port: ");
  if (outside.length !== inside.length) {
    throw invalid(`host and container port ranges have different lengths: ${outside.length} vs ${inside.length}`);
  }
  if (protocols === "") throw invalid("must provide a non-empty protocol to publish");
  return parseProtocols(protocols ?? "tcp").map((protocol) => ({
    host_ip: parseHostIp(ip),
    container_port: inside.start,
    host_port: outside.start,
    range: inside.length,
    protocol,
  }));
}

/** One `--expose` value or EXPOSE word: `PORT[-PORT][/PROTOCOL]`. */
export function parseExpose(text: string): ExposedPort[] {
  const [range = "", protocols, ...more] = text.split("/");
  if (more.length > 0) throw invalid("invalid expose format - protocol can only be specified once");
  const { start, length } = parseRange(range, "");
  return parseProtocols(protocols ?? "tcp").flatMap((protocol) =>
    Array.from({ length }, (_, index) => ({ port: start + index, protocol })),
  );
}

/** `0.0.0.0:8080->80/tcp`, as `ps` and `port` print it. */
export function formatPort(port: PortMapping): string {
  const span = (first: number) => (port.range > 1 ? `${first}-${first + port.range - 1}` : String(first));
  return `${port.host_ip === "" ? "0.0.0.0" : port.host_ip}:${span(port.host_port)}->${span(port.container_port)}/${port.protocol}`;
}

interface AddressParts {
  readonly ip?: string;
  readonly host?: string;
  readonly container: string;
}

function splitAddress(text: string): AddressParts {
  if (text.includes("]")) return splitBracketed(text);
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  switch (parts.length) {
    case 1:
      return { container: first };
    case 2:
      return { host: first, container: second };
    case 3:
      return { ip: first, host: second, container: third };
    default:
      throw invalid("invalid port format - format is [[hostIP:]hostPort:]containerPort");
  }
}

function splitBracketed(text: string): AddressParts {
  const [ip = "", rest = "", ...more] = text.split("]");
  if (more.length > 0) throw invalid("invalid port format - at most one IPv6 address can be specified in a --publish");
  if (!ip.startsWith("[")) throw invalid("invalid port format - IPv6 addresses must be enclosed by []");
  if (!rest.startsWith(":")) throw invalid("invalid port format - IPv6 address must be followed by a colon (':')");
  const [host = "", container, ...tooMany] = rest.slice(1).split(":");
  if (container === undefined) throw invalid("invalid port format - must provide host and destination port if specifying an IP");
  if (tooMany.length > 0) throw invalid("invalid port format - when v6 address specified, must be [ipv6]:hostPort:ctrPort");
  return { ip: ip.slice(1), host, container };
}

function parseHostIp(text: string | undefined): string {
  if (text === undefined) return "";
  if (text === "") throw invalid("must provide a non-empty container host IP to publish");
  const ip = parseIp(text);
  if (ip === undefined) throw invalid(`cannot parse "${text}" as an IP address`);
  return formatIp(ip);
}

function parseRange(text: string, context: string): { readonly start: number; readonly length: number } {
  const [first = "", last, ...more] = text.split("-");
  if (more.length > 0) throw invalid(`${context}invalid port format - port ranges are formatted as startPort-stopPort`);
  if (first === "") throw invalid(`${context}port numbers cannot be negative`);
  const start = parseNumber(first, context);
  if (last === undefined) return { start, length: 1 };
  if (last === "") throw invalid(`${context}must provide ending number for port range`);
  const end = parseNumber(last, context);
  if (end <= start)
    throw invalid(`${context}the end port of a range must be higher than the start port - ${end} is not higher than ${start}`);
  return { start, length: end - start + 1 };
}

function parseNumber(text: string, context: string): number {
  if (!/^[+-]?\d+$/.test(text)) throw invalid(`${context}invalid port number: strconv.Atoi: parsing "${text}": invalid syntax`);
  const number = Number(text);
  if (number < 1 || number > 65535) throw invalid(`${context}port numbers must be between 1 and 65535 (inclusive), got ${number}`);
  return number;
}

function parseProtocols(text: string): Protocol[] {
  const found = text.split(",").map((word): Protocol => {
    const protocol = word.toLowerCase() === "" ? "tcp" : word.toLowerCase();
    if (protocol === "tcp" || protocol === "udp" || protocol === "sctp") return protocol;
    throw invalid(`unrecognized protocol "${protocol}" in port mapping`);
  });
  return [...new Set(found)];
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
