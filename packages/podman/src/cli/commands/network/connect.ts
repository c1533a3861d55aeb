import { isIPv4, isIPv6 } from "node:net";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { onSide } from "../../on-side.ts";

/** `podman network connect`. */
export const networkConnectCommand = defineCommand({
  name: "connect",
  summary: "Add container to a network",
  description: "Add container to a network",
  usage: "NETWORK CONTAINER",
  examples: ["podman network connect web secondary"],
  flags: {
    alias: { type: "stringSlice", description: "network scoped alias for container" },
    ip: {
      type: "string",
      description: "set a static ipv4 address for this container network",
      validate: (value: string) => (isIPv4(value) ? undefined : `failed to parse IP: "${value}"`),
    },
    ip6: {
      type: "string",
      description: "set a static ipv6 address for this container network",
      validate: (value: string) => (isIPv6(value) ? undefined : `failed to parse IP: "${value}"`),
    },
    "mac-address": {
      type: "string",
      description: "set a static mac address for this container network",
    },
  },
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const { flags, args } = invocation;
    const [network = "", container = ""] = args;
    const staticIps = [flags.ip, flags.ip6].filter((ip) => ip !== undefined);
    const { macAddress = "" } = flags;
    if (macAddress !== "" && !/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(macAddress))
      throw new ToolError("invalid-argument", `address ${macAddress}: invalid MAC address`);
    const options = { aliases: flags.alias, staticIps, staticMac: flags.macAddress };
    await onSide(invocation, {
      local: async (engine) => (await import("../../../networks/connect.ts")).connectContainer(engine, network, container, options),
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).connectContainer(service, network, container, options),
    });
    return undefined;
  },
});
