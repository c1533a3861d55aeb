import { defineCommand } from "@containers/common/cli/define-command";
import { onSide } from "../../on-side.ts";

/** `podman network update`: changes a network's own name servers, also for containers that run. */
export const networkUpdateCommand = defineCommand({
  name: "update",
  summary: "Update an existing podman network",
  description: "Update an existing podman network",
  usage: "NETWORK",
  examples: ["podman network update podman1"],
  flags: {
    "dns-add": { type: "stringSlice", description: "add network level nameservers" },
    "dns-drop": { type: "stringSlice", description: "remove network level nameservers" },
  },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const name = invocation.args[0] ?? "";
    const servers = { add: invocation.flags.dnsAdd, drop: invocation.flags.dnsDrop };
    await onSide(invocation, {
      local: (engine) => engine.networkHost.updateDnsServers(name, servers),
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).updateNetwork(service, name, servers),
    });
    invocation.out.stdout(`${name}\n`);
    return undefined;
  },
});
