import { ToolError } from "../errors/tool-error.ts";

export interface HostsEntry {
  readonly ip: string;
  readonly names: readonly string[];
}

export interface HostsFileRequest {
  /** Text to start from: the host's file or the image's; empty for none. */
  readonly base: string;
  /** `name[;name…]:address`, where the address may be `host-gateway`. They come first, and win. */
  readonly extra?: readonly string[];
  /** The container's own addresses with its names. */
  readonly own?: readonly HostsEntry[];
  /** For `host.containers.internal` and `host-gateway`; absent where the host cannot be reached. */
  readonly hostAddress?: string;
}

const HOST_NAMES = ["host.containers.internal", "host.docker.internal"];

/** The text of a container's /etc/hosts, byte for byte what the original writes. A name that stands already is not added again. */
export function buildHostsFile(request: HostsFileRequest): string {
  const user = [...(request.extra ?? []).map((text) => parseExtraHost(text, request.hostAddress)), ...parseHostsFile(request.base)];
  const added: HostsEntry[] = [
    { ip: "127.0.0.1", names: ["localhost"] },
    { ip: "::1", names: ["localhost"] },
    ...(request.hostAddress === undefined ? [] : [{ ip: request.hostAddress, names: HOST_NAMES }]),
    ...(request.own ?? []),
  ];
  return [...user, ...withoutTakenNames(added, user)].map(formatEntry).join("");
}

/** Adds entries to the text of a hosts file, as joining a network does. */
export function addHostsEntries(text: string, entries: readonly HostsEntry[]): string {
  return text + withoutTakenNames(entries, parseHostsFile(text)).map(formatEntry).join("");
}

/** Removes every entry whose address and one of whose names match, as leaving a network does. */
export function removeHostsEntries(text: string, entries: readonly HostsEntry[]): string {
  const leaves = (one: HostsEntry) => entries.some((entry) => entry.ip === one.ip && entry.names.some((name) => one.names.includes(name)));
  return parseHostsFile(text)
    .filter((one) => !leaves(one))
    .map(formatEntry)
    .join("");
}

/** Entries without comments; lines that name nobody are dropped. */
export function parseHostsFile(text: string): HostsEntry[] {
  return text.split("\n").flatMap((line) => {
    const [ip, ...names] = line.replace(/#.*$/, "").trim().split(/\s+/);
    return ip === undefined || names.length === 0 ? [] : [{ ip, names }];
  });
}

/** One `--add-host` value. */
export function parseExtraHost(text: string, hostAddress: string | undefined): HostsEntry {
  const at = text.indexOf(":");
  if (at < 0) throw invalid(`unable to parse host entry "${text}": incorrect format`);
  const names = text.slice(0, at);
  const ip = text.slice(at + 1).replace(/^\[(.*)\]$/, "$1");
  if (names === "") throw invalid(`hostname in host entry "${text}" is empty`);
  if (ip === "") throw invalid(`IP address in host entry "${text}" is empty`);
  if (ip !== "host-gateway") return { ip, names: names.split(";") };
  if (hostAddress === undefined)
    throw invalid(`unable to replace "host-gateway" of host entry "${text}": host containers internal IP address is empty`);
  return { ip: hostAddress, names: names.split(";") };
}

function withoutTakenNames(entries: readonly HostsEntry[], present: readonly HostsEntry[]): HostsEntry[] {
  const taken = new Set(present.flatMap((one) => one.names));
  return entries.flatMap(({ ip, names }) => {
    const free = names.filter((name) => !taken.has(name));
    return free.length === 0 ? [] : [{ ip, names: free }];
  });
}

function formatEntry({ ip, names }: HostsEntry): string {
  return `${ip}\t${names.join(" ")}\n`;
}

function invalid(message: string): ToolError {
  return new ToolError("invalid-argument", message);
}
