import type { PortMapping } from "@containers/common/network/port-mapping";
import type { NetworkAttachment, NetworkSpec } from "../../container-spec/network-spec.ts";
import { some, withoutAbsent } from "../present-fields.ts";
import { namespaceField } from "./spec-namespaces.ts";

/** What of networks containers and pods have in common. */
export function networkFields(network: NetworkSpec): Record<string, unknown> {
  const { mode } = network;
  return {
    netns: namespaceField(mode),
    portmappings: some((network.ports ?? []).map(portField)),
    publish_image_ports: network.publishAll ?? false,
    expose: exposedPorts(network.expose ?? []),
    Networks: attachments(network),
    use_image_hostname: network.noHostname ?? false,
    use_image_hosts: network.noHosts ?? false,
    base_hosts_file: network.hostsFile,
    dns_server: some(network.dns?.filter((server) => server !== "none")),
    use_image_resolve_conf: network.dns?.includes("none") ?? false,
    dns_search: some(network.dnsSearch),
    dns_option: some(network.dnsOptions),
    hostadd: some(network.addHosts),
    network_options:
      (mode?.kind === "pasta" || mode?.kind === "slirp4netns") && network.modeOptions !== undefined && network.modeOptions.length > 0
        ? { [mode.kind]: network.modeOptions }
        : undefined,
  };
}

function portField({ host_ip, container_port, host_port, range, protocol }: PortMapping): object {
  return { host_ip, container_port, host_port, range, protocol };
}

/** `80/tcp` and `80/udp` become `{"80": "tcp,udp"}`. */
function exposedPorts(texts: readonly string[]): Record<string, string> | undefined {
  const byPort: Record<string, string> = {};
  for (const one of texts) {
    const [port = "", protocol = "tcp"] = one.split("/");
    byPort[port] = byPort[port] === undefined ? protocol : `${byPort[port]},${protocol}`;
  }
  return texts.length === 0 ? undefined : byPort;
}

/** Networks by name; what the flags say of the container's only network belongs to the first. */
function attachments(network: NetworkSpec): Record<string, object> | undefined {
  const own = network.networks ?? {};
  const forFirst =
    (network.aliases ?? []).length > 0 || (network.staticIps ?? []).length > 0 || network.staticMac !== undefined
      ? { aliases: network.aliases, staticIps: network.staticIps, staticMac: network.staticMac }
      : undefined;
  const names = Object.keys(own);
  if (names.length === 0) return forFirst === undefined ? undefined : { default: attachment(compact(forFirst)) };
  return Object.fromEntries(
    Object.entries(own).map(([name, value]) => {
      const isFirst = name === names[0];
      const aliases = [...(value.aliases ?? []), ...(network.aliases ?? [])];
      const given = { ...value, ...(aliases.length === 0 ? {} : { aliases }) };
      return [name, attachment(isFirst && forFirst !== undefined ? { ...given, ...compact({ ...forFirst, aliases }) } : given)];
    }),
  );
}

function compact(value: NetworkAttachment | { [Key in keyof NetworkAttachment]: NetworkAttachment[Key] | undefined }): NetworkAttachment {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined && !(Array.isArray(one) && one.length === 0)));
}

function attachment({ interfaceName, aliases, staticIps, staticMac, options }: NetworkAttachment): object {
  return withoutAbsent({
    static_ips: some(staticIps),
    aliases: some(aliases),
    static_mac: staticMac,
    interface_name: interfaceName ?? "",
    options: options === undefined || Object.keys(options).length === 0 ? undefined : options,
  });
}
