import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { describeVolume, type ShownVolume, volumeTemplateData, withStatus } from "../../../volumes/inspect.ts";
import { onSide } from "../../on-side.ts";
import { inspectAll, inspectFormatFlag } from "../inspect-output.ts";

/** `podman volume inspect`. */
export const volumeInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the configuration of one or more volumes",
  description: "Prints everything that is known of volumes, as JSON or through a template.",
  usage: "VOLUME [VOLUME...]",
  examples: ["podman volume inspect myvol", 'podman volume inspect --format "{{.Driver}} {{.Scope}}" myvol'],
  flags: { ...inspectFormatFlag, all: { type: "bool", short: "a", description: "Inspect all volumes" } },
  args: { min: 0 },
  run: (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.all === args.length > 0) throw new ToolError("invalid-argument", "provide one or more volume names or use --all");
    const { format } = flags;
    const output = { format, out, json: describeVolume, fields: volumeTemplateData };
    return onSide(invocation, {
      local: (engine) =>
        inspectAll(flags.all ? engine.state.volumes.list().map(({ name }) => name) : args, {
          ...output,
          find: async (reference) => {
            const volume = engine.state.volumes.resolve(reference);
            if (volume === undefined) throw new ToolError("not-found", `no such volume ${reference}`);
            return withStatus(engine, volume);
          },
        }),
      remote: async (service) => {
        const deeds = await import("../../../remote/volumes/deeds.ts");
        const names = flags.all ? (await deeds.listVolumes(service, [])).map(({ name }) => name) : args;
        return inspectAll<ShownVolume>(names, { ...output, find: (name) => deeds.findVolume(service, name) });
      },
    });
  },
});
