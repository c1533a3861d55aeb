import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { listConnections } from "../../../remote/destinations.ts";
import { connectionListFlags, connectionsText } from "./list.ts";

/** `podman context inspect`: those of the named connections that there are. */
export const contextInspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspect destination for a Podman service(s)",
  description: "Prints what is known of the named services, as JSON if nothing else is asked for.",
  usage: "[CONTEXT] [CONTEXT...]",
  examples: ["podman context inspect testing"],
  flags: connectionListFlags,
  needsUserNamespace: false,
  args: { min: 0 },
  run: ({ flags, args, out }) => {
    const named = listConnections(loadContainersConf()).filter(({ Name }) => args.includes(Name));
    out.stdout(connectionsText(named, { format: flags.format || "json", quiet: flags.quiet, name: "inspect" }));
    return undefined;
  },
});
