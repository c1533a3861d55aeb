import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { humanDuration, humanSize } from "@containers/common/report/units";
import { type DiskUsage, diskUsage } from "../../../system/df.ts";
import { systemUsageDetails } from "../../../system/df-details.ts";
import { onSide } from "../../on-side.ts";

/** `podman system df`. */
export const dfCommand = defineCommand({
  name: "df",
  summary: "Show disk usage",
  description: "Shows what images, containers and volumes take on the disk.",
  examples: ["podman system df", "podman system df --format json"],
  flags: {
    format: { type: "string", description: "Print as JSON or through a Go template" },
    verbose: { type: "bool", short: "v", description: "Print each image, container and volume" },
  },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    if (flags.verbose) {
      if (given("format")) throw new ToolError("invalid-argument", "cannot combine --format and --verbose flags");
      const shown = await onSide<Details, typeof flags>(invocation, {
        local: systemUsageDetails,
        remote: async (service) => (await import("../../../remote/system/facts.ts")).diskUsageDetails(service),
      });
      out.stdout(details(shown));
      return undefined;
    }
    const usage = await onSide(invocation, {
      local: diskUsage,
      remote: async (service) => (await import("../../../remote/system/facts.ts")).diskUsage(service),
    });
    const rows = usage.map(templateRow);
    if (isJsonFormat(flags.format ?? "")) out.stdout(`[\n${rows.map((row) => `    ${JSON.stringify(jsonRow(row))}`).join(",\n")}\n]\n`);
    else if (given("format")) out.stdout(formatRows(flags.format ?? "", rows, { name: "df", json: rows.map(jsonRow) }));
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

/** JSON has one field more than templates know. */
function jsonRow({ Size, Reclaimable, ...row }: ReturnType<typeof templateRow>): object {
  return { ...row, TotalCount: row.Total, Size, Reclaimable };
}

type Details = Pick<Awaited<ReturnType<typeof systemUsageDetails>>, "Images" | "Containers" | "Volumes">;

function details({ Images, Containers, Volumes }: Details): string {
  const images = Images.map((image) => [
    image.Repository,
    image.Tag,
    image.ImageID.slice(0, 12),
    ageText(image.Created),
    humanSize(image.Size),
    humanSize(image.SharedSize),
    humanSize(image.UniqueSize),
    String(image.Containers),
  ]);
  const containers = Containers.map((container) => [
    container.ContainerID.slice(0, 12),
    container.Image.slice(0, 12),
    container.Command.join(" "),
    String(container.LocalVolumes),
    humanSize(container.RWSize),
    ageText(container.Created),
    container.Status,
    container.Names,
  ]);
  const volumes = Volumes.map(({ VolumeName, Links, Size }) => [VolumeName, String(Links), humanSize(Size)]);
  return [
    "Images space usage:\n\n",
    renderTable(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE", "SHARED SIZE", "UNIQUE SIZE", "CONTAINERS"], images),
    "\nContainers space usage:\n\n",
    renderTable(["CONTAINER ID", "IMAGE", "COMMAND", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES"], containers),
    "\nLocal Volumes space usage:\n\n",
    renderTable(["VOLUME NAME", "LINKS", "SIZE"], volumes),
  ].join("");
}

function ageText(created: string | number): string {
  const at = typeof created === "number" ? created * 1000 : Date.parse(created);
  return humanDuration(Math.max(0, Date.now() - at));
}

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
