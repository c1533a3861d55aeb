import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { requireNoArguments } from "../container/targets.ts";
import { engineFor } from "./with-engine.ts";

/** `podman network reload`: prints the ids. */
export const networkReloadCommand = defineCommand({
  name: "reload",
  summary: "Reload firewall rules for one or more containers",
  description: "Reload container networks, recreating firewall rules",
  usage: "[CONTAINER...]",
  examples: ["podman network reload 3c13ef6dd843", "podman network reload test1 test2"],
  flags: {
    all: { type: "bool", short: "a", description: "Reload network configuration of all containers" },
    latest: { type: "bool", short: "l", description: "Act on the latest container podman is aware of" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const { reloadableContainers, reloadNetworks } = await import("../../../networks/reload.ts");
    const engine = await engineFor(invocation);
    if (flags.all && flags.latest) throw new ToolError("invalid-argument", "--all and --latest cannot be used together");
    requireNoArguments(args, flags);
    if (args.length === 0 && !flags.all && !flags.latest)
      throw new ToolError("invalid-argument", "you must provide at least one name or id");
    const latest = flags.latest
      ? engine.state.containers
          .list()
          .slice(-1)
          .map(({ id }) => id)
      : [];
    const reports = await reloadNetworks(engine, flags.all ? reloadableContainers(engine) : [...args, ...latest]);
    for (const report of reports) if (report.error === undefined) out.stdout(`${report.id ?? report.reference}\n`);
    for (const report of reports) if (report.error !== undefined) out.stderr(`Error: ${describeError(report.error)}\n`);
    return reports.some((report) => report.error !== undefined) ? 125 : undefined;
  },
});
