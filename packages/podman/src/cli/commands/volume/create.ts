import { defineCommand } from "@containers/common/cli/define-command";
import { createVolume } from "../../../volumes/create.ts";
import { keyValues } from "../../flags/read-lists.ts";
import { onSide } from "../../on-side.ts";

/** `podman volume create`. */
export const volumeCreateCommand = defineCommand({
  name: "create",
  summary: "Create a new volume",
  description: "Makes an empty volume; without a name one is made up.",
  usage: "[NAME]",
  examples: ["podman volume create myvol", "podman volume create --label foo=bar"],
  flags: {
    driver: { type: "string", short: "d", default: "local", description: "Driver of the volume (local)" },
    gid: { type: "int", description: "Group that owns the volume" },
    ignore: { type: "bool", description: "Do not mind that it exists" },
    label: { type: "stringArray", short: "l", description: "Set a label (key=value)" },
    opt: { type: "stringArray", short: "o", description: "Option of the driver (key=value)" },
    uid: { type: "int", description: "User who owns the volume" },
  },
  args: { max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const options = {
      name: args[0] || undefined,
      driver: flags.driver,
      labels: keyValues(flags.label),
      options: keyValues(flags.opt),
      ignore: flags.ignore,
      uid: flags.uid,
      gid: flags.gid,
    };
    const name = await onSide(invocation, {
      local: async (engine) => (await createVolume(engine, options)).name,
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).createVolume(service, options),
    });
    out.stdout(`${name}\n`);
    return undefined;
  },
});
