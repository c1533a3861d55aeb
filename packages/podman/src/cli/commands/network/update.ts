import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "./with-engine.ts";

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
    await (await engineFor(invocation)).networkHost.updateDnsServers(name, {
      add: invocation.flags.dnsAdd,
      drop: invocation.flags.dnsDrop,
    });
    invocation.out.stdout(`${name}\n`);
    return undefined;
  },
});
