import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { listImages } from "@containers/image/local-images/list";
import { isExternalContainer } from "../../../images/image-containers.ts";
import { isRemote } from "../../on-side.ts";
import { type ImageRow, imageRows, jsonRow, reporterJson, type SortKey, sortKeys, templateRow } from "./image-rows.ts";
import { onImages } from "./with-images.ts";

const flags = {
  all: { type: "bool", short: "a", description: "Show all images (default hides intermediate images)" },
  digests: { type: "bool", description: "Show digests" },
  filter: { type: "stringArray", short: "f", description: "Filter output based on conditions provided (default [])" },
  format: { type: "string", description: "Change the output format to JSON or a Go template" },
  history: { type: "bool", description: "Display the image name history" },
  "no-trunc": { type: "bool", description: "Do not truncate output" },
  noheading: { type: "bool", short: "n", description: "Do not print column headings" },
  quiet: { type: "bool", short: "q", description: "Display only image IDs" },
  sort: { type: "string", default: "created", choices: sortKeys, description: `Sort by ${sortKeys.join(", ")}` },
} as const;

type ListFlags = FlagValues<typeof flags>;

/** `podman images`, `podman image list`. */
export const imageListCommand = defineCommand({
  name: "list",
  summary: "List images in local storage",
  description: "Lists images previously pulled to the system or created on the system.",
  usage: "[IMAGE]",
  examples: [
    "podman image list --format json",
    'podman image list --sort repository --format "table {{.ID}} {{.Repository}} {{.Tag}}"',
    "podman image list --filter dangling=true",
  ],
  flags,
  args: { max: 1 },
  run: (invocation) => list(invocation),
});

async function list(invocation: Invocation<ListFlags>): Promise<number | undefined> {
  const { flags: values, args, out } = invocation;
  const [pattern] = args;
  if (values.filter.length > 0 && pattern !== undefined) throw new ToolError("invalid-argument", "cannot specify an image and a filter(s)");
  const filters = pattern === undefined ? values.filter : [`reference=${pattern}`];
  const listings = await onImages(invocation, {
    local: ({ engine, images }) =>
      listImages(images, { all: values.all, filters, isExternalContainer: (id) => isExternalContainer(engine, id) }),
    remote: async (service) => (await import("../../../remote/images/list.ts")).listImages(service, { all: values.all, filters }),
  });
  out.stdout(print(imageRows(listings, values.sort as SortKey), invocation));
  return undefined;
}

function print(rows: readonly ImageRow[], invocation: Invocation<ListFlags>): string {
  const { flags: values, given } = invocation;
  const format = values.format ?? "";
  if (isJsonFormat(format))
    return `${toJson(
      rows.map((row) => jsonRow(row, isRemote(invocation))),
      { escapeHtml: true },
    )}\n`;
  const lines = rows.map((row) => templateRow(row, values.noTrunc));
  if (values.quiet) return [...new Set(lines.map((line) => `${line.ID}\n`))].join("");
  if (given("format")) {
    return formatRows(format, lines, {
      headers: { ID: "IMAGE ID", ReadOnly: "R/O" },
      noHeading: values.noheading,
      name: "images",
      json: rows.map(reporterJson),
    });
  }
  // As the original: the column appears when the last image is a read-only one.
  const readOnly = rows.at(-1)?.image.readOnly === true;
  const columns: ReadonlyArray<readonly [string, (line: (typeof lines)[number]) => string]> = [
    ["REPOSITORY", (line) => line.Repository],
    ["TAG", (line) => line.Tag],
    ...(values.digests ? [["DIGEST", (line: (typeof lines)[number]) => line.Digest] as const] : []),
    ["IMAGE ID", (line) => line.ID],
    ["CREATED", (line) => line.Created],
    ["SIZE", (line) => line.Size],
    ...(values.history ? [["HISTORY", (line: (typeof lines)[number]) => line.History || "<none>"] as const] : []),
    ...(readOnly ? [["R/O", (line: (typeof lines)[number]) => String(line.ReadOnly)] as const] : []),
  ];
  const headings = values.noheading ? undefined : columns.map(([heading]) => heading);
  return renderTable(
    headings,
    lines.map((line) => columns.map(([, cell]) => cell(line))),
  );
}
