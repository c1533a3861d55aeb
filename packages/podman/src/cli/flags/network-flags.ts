import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { splitCsv } from "@containers/common/cli/flag-values/csv";
import { ToolError } from "@containers/common/errors/tool-error";
import { ipVersion } from "@containers/common/network/ip-version";
import { parseExpose, parsePort } from "@containers/common/network/port-syntax";
import type { NetworkAttachment, NetworkMode, NetworkSpec } from "../../container-spec/network-spec.ts";

export const networkFlags = defineFlags({
  "add-host": { type: "stringSlice", description: "Add a line to /etc/hosts (name[;name]:address)" },
  dns: { type: "stringSlice", description: "DNS server" },
  "dns-option": { type: "stringSlice", aliases: ["dns-opt"], description: "DNS option" },
  "dns-search": { type: "stringSlice", description: "DNS search domain" },
  expose: { type: "stringSlice", description: "Expose a port or a range without publishing it" },
  "hosts-file": { type: "string", description: 'What /etc/hosts begins with: a path, "image" or "none"' },
  ip: { type: "string", description: "IPv4 address in the first network" },
  ip6: { type: "string", description: "IPv6 address in the first network" },
  "mac-address": { type: "string", description: "MAC address in the first network" },
  network: {
    type: "stringArray",
    aliases: ["net"],
    description: "Network to join, or host, none, private, pasta, slirp4netns, container:ID, ns:PATH",
  },
  "network-alias": { type: "stringSlice", description: "Further name in the networks" },
  "no-hosts": { type: "bool", description: "Leave the image's /etc/hosts alone" },
  publish: { type: "stringSlice", short: "p", description: "Publish a port or a range ([[ip:][hostPort]:]containerPort[/protocol])" },
  "publish-all": { type: "bool", short: "P", description: "Publish all exposed ports on free host ports" },
});

type Values = FlagValues<typeof networkFlags>;

/** The part of a spec that {@link networkFlags} say. */
export function networkSpec(values: Values, noHostname: boolean): NetworkSpec {
  if (values.noHosts && values.addHost.length > 0)
    throw new ToolError("invalid-argument", "--no-hosts and --add-host cannot be set together");
  if (values.noHosts && values.hostsFile !== undefined)
    throw new ToolError("invalid-argument", "--no-hosts and --hosts-file cannot be set together");
  return {
    ...networkMode(values.network),
    ports: values.publish.flatMap(parsePort),
    publishAll: values.publishAll,
    expose: values.expose.flatMap(parseExpose).map(({ port, protocol }) => `${port}/${protocol}`),
    aliases: values.networkAlias,
    staticIps: [values.ip, values.ip6].flatMap((address) =>
      address === undefined || address === "" ? [] : [checkAddress(address, JSON.stringify(address))],
    ),
    staticMac: checkMac(values.macAddress),
    dns: values.dns.map((address) => (address === "none" ? address : checkAddress(address, address))),
    dnsSearch: values.dnsSearch,
    dnsOptions: values.dnsOption,
    addHosts: values.addHost.map(checkHost),
    noHosts: values.noHosts,
    noHostname,
    hostsFile: values.hostsFile,
  };
}

function checkHost(text: string): string {
  const colon = text.indexOf(":");
  if (colon < 1) throw new ToolError("invalid-argument", `bad format for add-host: ${JSON.stringify(text)}`);
  const address = text.slice(colon + 1).replace(/^\[(.*)\]$/, "$1");
  if (address !== "host-gateway" && !isAddress(address))
    throw new ToolError("invalid-argument", `invalid IP address in add-host: ${JSON.stringify(text.slice(colon + 1))}`);
  return text;
}

function isAddress(text: string): boolean {
  return ipVersion(text) !== 0;
}

function checkAddress(text: string, shown: string): string {
  if (!isAddress(text)) throw new ToolError("invalid-argument", `${shown} is not an ip address`);
  return text;
}

function checkMac(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const digits = text.replaceAll(/[:.-]/g, "");
  const formed = /^([0-9a-f]{2}([:-]))([0-9a-f]{2}\2)*[0-9a-f]{2}$|^([0-9a-f]{4}\.)+[0-9a-f]{4}$/i.test(text);
  if (!formed || ![12, 16, 40].includes(digits.length)) throw new ToolError("invalid-argument", `address ${text}: invalid MAC address`);
  return text;
}

/** All `--network` values together: one mode, or any number of networks. */
export function networkMode(texts: readonly string[]): Pick<NetworkSpec, "mode" | "networks" | "modeOptions"> {
  const [first] = texts;
  if (first === undefined || (first === "" && texts.length === 1)) return {};
  const single = singleMode(first);
  if (single !== undefined) {
    if (texts.length > 1)
      throw new ToolError(
        "invalid-argument",
        `can only set extra network names, selected mode ${first} conflicts with bridge: invalid argument`,
      );
    return single;
  }
  const networks: Record<string, NetworkAttachment> = {};
  for (const text of texts) {
    if (singleMode(text) !== undefined)
      throw new ToolError(
        "invalid-argument",
        `cannot set multiple networks without bridge network mode, selected mode ${text}: invalid argument`,
      );
    Object.assign(networks, parseNetworks(text));
  }
  return { mode: { kind: "bridge" }, networks };
}

function singleMode(text: string): Pick<NetworkSpec, "mode" | "modeOptions"> | undefined {
  const colon = text.indexOf(":");
  const word = colon === -1 ? text : text.slice(0, colon);
  const rest = colon === -1 ? undefined : text.slice(colon + 1);
  switch (word) {
    case "host":
    case "none":
    case "private":
      if (rest !== undefined) throw new ToolError("invalid-argument", `${word} takes no options`);
      return { mode: { kind: word } };
    case "pasta":
    case "slirp4netns":
      return { mode: { kind: word }, modeOptions: rest === undefined ? [] : splitCsv(rest) };
    case "container":
      return { mode: containerMode(rest) };
    case "ns":
      if (rest === undefined || rest === "")
        throw new ToolError("invalid-argument", 'must provide a path to a namespace when specifying "ns:"');
      return { mode: { kind: "path", path: rest } };
    case "pod":
      return {};
    default:
      return undefined;
  }
}

function containerMode(name: string | undefined): NetworkMode {
  if (name === undefined || name === "")
    throw new ToolError("invalid-argument", "must specify a container when using container network mode: invalid argument");
  return { kind: "container", container: name };
}

/** `net1,net2`, `net:ip=…,alias=…`, `bridge[:options]` for the default network. */
function parseNetworks(text: string): Record<string, NetworkAttachment> {
  const colon = text.indexOf(":");
  if (colon === -1) {
    const names = text.split(",");
    if (names.includes("")) throw new ToolError("invalid-argument", "network name cannot be empty: invalid argument");
    return Object.fromEntries(names.map((name) => [name === "bridge" ? "default" : name, {}]));
  }
  const name = text.slice(0, colon);
  return { [name === "bridge" ? "default" : name]: parseAttachment(text.slice(colon + 1), name) };
}

function parseAttachment(text: string, name: string): NetworkAttachment {
  const staticIps: string[] = [];
  const aliases: string[] = [];
  const options: Record<string, string> = {};
  let staticMac: string | undefined;
  let interfaceName: string | undefined;
  for (const setting of text.split(",")) {
    const equals = setting.indexOf("=");
    const key = equals === -1 ? setting : setting.slice(0, equals);
    const value = equals === -1 ? "" : setting.slice(equals + 1);
    if ((key === "ip" || key === "ip6") && !isAddress(value))
      throw new ToolError("invalid-argument", `invalid option for network ${name}: invalid ip address ${JSON.stringify(value)}`);
    if (key === "ip" || key === "ip6") staticIps.push(value);
    else if (key === "mac") staticMac = value;
    else if (key === "interface_name") interfaceName = value;
    else if (key === "alias") aliases.push(value);
    else if (equals !== -1) options[key] = value;
    else throw new ToolError("invalid-argument", `invalid network option ${JSON.stringify(setting)}`);
  }
  return { staticIps, aliases, options, staticMac, interfaceName };
}
