import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "./with-engine.ts";

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
    const { disconnectContainer } = await import("../../../networks/connect.ts");
    await disconnectContainer(await engineFor(invocation), invocation.args[0] ?? "", invocation.args[1] ?? "");
    return undefined;
  },
});
