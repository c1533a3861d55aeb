import { defineCommand } from "@containers/common/cli/define-command";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { describeVolume, volumeTemplateData } from "../../../volumes/inspect.ts";
import { listVolumes } from "../../../volumes/list.ts";
import { onSide } from "../../on-side.ts";
import { mapFields } from "../inspect-output.ts";

/** `podman volume ls`. */
export const volumeLsCommand = defineCommand({
  name: "ls",
  aliases: ["list"],
  summary: "List volumes",
  description: "Lists all volumes.",
  examples: ["podman volume ls", "podman volume ls --format json", "podman volume ls --filter name=v1"],
  flags: {
    filter: { type: "stringArray", short: "f", description: "Only volumes that fit (key=value)" },
    format: { type: "string", description: "Print as JSON or through a Go template" },
    noheading: { type: "bool", short: "n", description: "Leave the headings out" },
    quiet: { type: "bool", short: "q", description: "Print names only" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    const volumes = await onSide(invocation, {
      local: (engine) => listVolumes(engine, flags.filter),
      remote: async (service) => (await import("../../../remote/volumes/deeds.ts")).listVolumes(service, flags.filter),
    });
    const format = flags.format ?? "";
    if (isJsonFormat(format)) out.stdout(`${toJson(volumes.map(describeVolume), { indent: 5 })}\n`);
    else if (flags.quiet && !given("format")) out.stdout(volumes.map(({ name }) => `${name}\n`).join(""));
    else if (given("format")) {
      out.stdout(
        formatRows(format, volumes.map(volumeTemplateData), {
          headers: { Name: "VOLUME NAME" },
          noHeading: flags.noheading,
          name: "ls",
          typeName: "*types.VolumeListReport",
          mapFields,
          json: volumes.map(describeVolume),
        }),
      );
    } else if (volumes.length > 0) {
      out.stdout(
        renderTable(
          flags.noheading ? undefined : ["DRIVER", "VOLUME NAME"],
          volumes.map(({ driver, name }) => [driver, name]),
        ),
      );
    }
    return undefined;
  },
});
