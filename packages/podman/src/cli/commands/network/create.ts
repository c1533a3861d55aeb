import { isIP } from "node:net";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import type { NetworkDefinitionInput } from "@containers/common/network/backend";
import { createNetwork, keyValues } from "../../../networks/create.ts";
import { parseRoute, subnetsFromFlags } from "../../../networks/subnets-from-flags.ts";
import { onSide } from "../../on-side.ts";

const flags = {
  "disable-dns": { type: "bool", description: "disable dns plugin" },
  dns: { type: "stringSlice", description: "DNS servers this network will use" },
  driver: { type: "string", short: "d", default: "bridge", description: "driver to manage the network" },
  gateway: {
    type: "stringSlice",
    description: "IPv4 or IPv6 gateway for the subnet (default [])",
    validate: (value: string) => (isIP(value) === 0 ? `invalid string being converted to IP address: ${value}` : undefined),
  },
  ignore: { type: "bool", description: "Don't fail if network already exists" },
  "interface-name": { type: "string", description: "interface name which is used by the driver" },
  internal: { type: "bool", description: "restrict external access from this network" },
  "ip-range": { type: "stringArray", description: "allocate container IP from range" },
  "ipam-driver": { type: "string", description: "IP Address Management Driver" },
  ipv6: { type: "bool", description: "enable IPv6 networking" },
  label: { type: "stringArray", description: "set metadata on a network" },
  macvlan: { type: "string", hidden: true, description: "create a Macvlan connection based on this device" },
  opt: { type: "stringArray", short: "o", description: "Set driver specific options (default [])" },
  route: { type: "stringArray", description: "static routes" },
  subnet: { type: "stringArray", description: "subnets in CIDR format" },
} as const;

/** `podman network create`: prints the name. */
export const networkCreateCommand = defineCommand({
  name: "create",
  summary: "Create networks for containers and pods",
  description: "Create networks for containers and pods",
  usage: "[NAME]",
  examples: ["podman network create podman1"],
  flags,
  args: { max: 1 },
  run: async (invocation) => {
    const definition = definitionFrom(invocation);
    const { ignore } = invocation.flags;
    const network = await onSide(invocation, {
      local: (engine) => {
        if (invocation.flags.macvlan !== undefined)
          engine.warn("The --macvlan option is deprecated, use `--driver macvlan --opt parent=<device>` instead");
        return createNetwork(engine, definition, ignore);
      },
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).createNetwork(service, definition, ignore),
    });
    invocation.out.stdout(`${network.name}\n`);
    return undefined;
  },
});

function definitionFrom({ flags: values, args, given }: Invocation<FlagValues<typeof flags>>): NetworkDefinitionInput {
  const parent = values.macvlan;
  return {
    name: args[0],
    driver: parent === undefined ? values.driver : "macvlan",
    network_interface: parent ?? values.interfaceName,
    internal: values.internal,
    ipv6_enabled: values.ipv6,
    dns_enabled: values.disableDns ? false : undefined,
    network_dns_servers: values.dns,
    labels: keyValues(values.label, "failed to parse labels"),
    options: keyValues(values.opt, "unable to parse options"),
    ipam_options: given("ipam-driver") && values.ipamDriver !== undefined ? { driver: values.ipamDriver } : {},
    subnets: subnetsFromFlags({ subnets: values.subnet, gateways: values.gateway, ranges: values.ipRange }),
    routes: values.route.map(parseRoute),
  };
}
