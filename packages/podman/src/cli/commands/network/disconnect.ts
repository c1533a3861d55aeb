import { defineCommand } from "@containers/common/cli/define-command";
import { onSide } from "../../on-side.ts";

/** `podman network disconnect`. With or without `--force` the network is left; the flag is the original's. */
export const networkDisconnectCommand = defineCommand({
  name: "disconnect",
  summary: "Disconnect a container from a network",
  description: "Remove container from a network",
  usage: "NETWORK CONTAINER",
  examples: ["podman network disconnect web secondary"],
  flags: { force: { type: "bool", short: "f", description: "force removal of container from network" } },
  args: { min: 2, max: 2 },
  run: async (invocation) => {
    const [network = "", container = ""] = invocation.args;
    await onSide(invocation, {
      local: async (engine) => (await import("../../../networks/connect.ts")).disconnectContainer(engine, network, container),
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).disconnectContainer(service, network, container),
    });
    return undefined;
  },
});
