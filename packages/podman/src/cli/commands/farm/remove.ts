import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { removeFarms } from "../../../farm/farms.ts";

/** `podman farm remove`. */
export const farmRemoveCommand = defineCommand({
  name: "remove",
  aliases: ["rm"],
  summary: "Remove one or more farms",
  description: "Forgets farms; their connections stay.",
  usage: "[FARM...]",
  examples: ["podman farm rm myfarm1 myfarm2", "podman farm rm --all"],
  flags: { all: { type: "bool", short: "a", description: "Remove all farms" } },
  args: { min: 0 },
  needsUserNamespace: false,
  run: ({ flags, args, out }) => {
    if (flags.all) {
      removeFarms("all", () => {});
      out.stdout("All farms have been deleted\n");
      return undefined;
    }
    if (args.length === 0) throw new ToolError("invalid-argument", "requires at lease 1 arg(s), received 0");
    const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const removed = removeFarms(args, (message) => out.stderr(`time="${time}" level=warning msg=${JSON.stringify(message)}\n`));
    for (const name of removed) out.stdout(`Farm ${JSON.stringify(name)} deleted\n`);
    return undefined;
  },
});
