import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { callersScope } from "../../../quadlet/installed.ts";
import { removeQuadlets } from "../../../quadlet/remove.ts";

/** `podman quadlet rm`. */
export const quadletRmCommand = defineCommand({
  name: "rm",
  summary: "Remove Quadlets",
  description: "Removes quadlets, and what was installed together with them.",
  usage: "QUADLET [QUADLET...]",
  examples: [
    "podman quadlet rm test.container",
    "podman quadlet rm --force mysql.container",
    "podman quadlet rm --all --reload-systemd=false",
  ],
  flags: {
    all: { type: "bool", short: "a", description: "Remove all quadlets of the one who calls" },
    force: { type: "bool", short: "f", description: "Stop those that run" },
    ignore: { type: "bool", short: "i", description: "A quadlet that is not there is no error" },
    "reload-systemd": { type: "bool", default: true, description: "Have systemd read its units again" },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: ({ flags, args, out }) => {
    if (args.length === 0 && !flags.all) throw new ToolError("invalid-argument", "at least one quadlet file must be selected");
    const reports = removeQuadlets(
      callersScope((text) => out.stderr(`${text}\n`)),
      args,
      { force: flags.force, all: flags.all, ignore: flags.ignore, reload: flags.reloadSystemd },
    );
    for (const { name, error } of reports) if (error === undefined) out.stdout(`${name}\n`);
    const failed = reports.filter(({ error }) => error !== undefined);
    for (const { name, error } of failed) out.stderr(`Error: unable to remove Quadlet ${name}: ${describeError(error)}\n`);
    if (failed.length > 0) out.stderr("Error: some quadlets could not be removed\n");
    return failed.length > 0 ? 125 : 0;
  },
});
