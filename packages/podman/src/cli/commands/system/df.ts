import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { humanSize } from "@containers/common/report/units";
import { type DiskUsage, diskUsage } from "../../../system/df.ts";
import { onSide } from "../../on-side.ts";

/** `podman system df`. */
export const dfCommand = defineCommand({
  name: "df",
  summary: "Show disk usage",
  description: "Shows what images, containers and volumes take on the disk.",
  examples: ["podman system df", "podman system df --format json"],
  flags: {
    format: { type: "string", description: "Print as JSON or through a Go template" },
    verbose: { type: "bool", short: "v", description: "Print each object (not supported yet)" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    if (flags.verbose) throw new ToolError("unsupported", "--verbose is not supported yet");
    const usage = await onSide(invocation, {
      local: diskUsage,
      remote: async (service) => (await import("../../../remote/system/facts.ts")).diskUsage(service),
    });
    const rows = usage.map(templateRow);
    if (isJsonFormat(flags.format ?? ""))
      out.stdout(
        `${toJson(
          rows.map(({ Reclaimable, Size, ...row }) => ({ ...row, Size, Reclaimable })),
          { indent: 2 },
        )}\n`,
      );
    else if (given("format")) out.stdout(formatRows(flags.format ?? "", rows, { name: "df" }));
    else
      out.stdout(
        renderTable(
          ["TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE"],
          rows.map((row) => [row.Type, String(row.Total), String(row.Active), row.Size, row.Reclaimable]),
        ),
      );
    return undefined;
  },
});

function templateRow({ type, total, active, size, reclaimable }: DiskUsage) {
  const percent = size > 0 ? Math.round((reclaimable / size) * 100) : 0;
  return {
    Type: type,
    Total: total,
    Active: active,
    RawSize: size,
    RawReclaimable: reclaimable,
    Size: humanSize(size),
    Reclaimable: `${humanSize(reclaimable)} (${percent}%)`,
  };
}
