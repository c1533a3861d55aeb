import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { updateFarm } from "../../../farm/farms.ts";

/** `podman farm update`. */
export const farmUpdateCommand = defineCommand({
  name: "update",
  summary: "Update an existing farm",
  description: "Adds connections to a farm, takes some out, or makes the farm the default.",
  usage: "FARM",
  examples: ["podman farm update --add con1 farm1", "podman farm update --remove con2 farm2", "podman farm update --default farm3"],
  flags: {
    add: { type: "stringSlice", short: "a", description: "Add these connections" },
    default: { type: "bool", short: "d", description: "Make the farm the default" },
    remove: { type: "stringSlice", short: "r", description: "Take these connections out" },
  },
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ flags, args, given, out }) => {
    const [name = ""] = args;
    const shown = JSON.stringify(name);
    if (flags.add.length === 0 && flags.remove.length === 0 && !given("default")) {
      const hint = "please use the --add, --remove, or --default flags to update a farm";
      throw new ToolError("invalid-argument", `nothing to update for farm ${shown}, ${hint}`);
    }
    updateFarm(name, { add: flags.add, remove: flags.remove, ...(given("default") ? { isDefault: flags.default } : {}) });
    out.stdout(`Farm ${shown} updated\n`);
    return undefined;
  },
});
