import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { resolveTarget } from "../../../remote/target.ts";
import type { RemoteGlobals } from "../../../remote/wants-remote.ts";

/** `podman system dial-stdio`: the far end of a connection by ssh. */
export const dialStdioCommand = defineCommand({
  name: "dial-stdio",
  hidden: true,
  summary: "Proxy the stdio stream to the daemon connection. Should not be invoked manually.",
  description: "Joins standard input and output to the socket of a service.",
  examples: ["podman system dial-stdio"],
  flags: {},
  args: { max: 0 },
  needsUserNamespace: false,
  run: async ({ globals }) => {
    const { dialStdio } = await import("../../../remote/dial-stdio.ts");
    await dialStdio(resolveTarget(loadContainersConf(), globals as RemoteGlobals));
    return undefined;
  },
});
