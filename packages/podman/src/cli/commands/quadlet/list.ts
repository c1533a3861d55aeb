import { defineCommand } from "@containers/common/cli/define-command";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { callersScope } from "../../../quadlet/installed.ts";
import { listQuadlets } from "../../../quadlet/list.ts";

const headers = { Name: "NAME", UnitName: "UNIT NAME", Path: "PATH ON DISK", Status: "STATUS", App: "APPLICATION" };

/** `podman quadlet list`. */
export const quadletListCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List Quadlets",
  description: "Lists the quadlets of the one who calls, with the services that they become.",
  examples: ["podman quadlet list", "podman quadlet list --format '{{ .UnitName }}'", "podman quadlet list --filter 'name=test*'"],
  flags: {
    filter: { type: "stringArray", short: "f", description: "Only quadlets that fit (name=PATTERN)" },
    format: { type: "string", description: "Print as JSON or through a Go template" },
  },
  args: { max: 0 },
  needsUserNamespace: false,
  run: ({ flags, out }) => {
    const rows = listQuadlets(
      callersScope((text) => out.stderr(`${text}\n`)),
      flags.filter,
    );
    const format = flags.format ?? "";
    if (isJsonFormat(format)) out.stdout(`${toJson(rows, { indent: 2 })}\n`);
    else if (format !== "")
      out.stdout(formatRows(format, format.startsWith("table") ? rows : [headers, ...rows], { headers, name: "list" }));
    else
      out.stdout(
        renderTable(
          Object.values(headers),
          rows.map(({ Name, UnitName, Path, Status, App }) => [Name, UnitName, Path, Status, App]),
        ),
      );
    return undefined;
  },
});
