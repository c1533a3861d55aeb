import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { humanAgo, humanSize } from "@containers/common/report/units";
import { type HistoryEntry, imageHistory } from "@containers/image/local-images/history";
import { onImages } from "./with-images.ts";

const flags = {
  format: { type: "string", description: "Change the output to JSON or a Go template" },
  human: { type: "bool", short: "H", default: true, description: "Display sizes and dates in human readable format" },
  "no-trunc": { type: "bool", aliases: ["notruncate"], description: "Do not truncate the output" },
  quiet: { type: "bool", short: "q", description: "Display the numeric IDs only" },
} as const;

type HistoryFlags = FlagValues<typeof flags>;

/** `podman history`, `podman image history`. */
export const imageHistoryCommand = defineCommand({
  name: "history",
  summary: "Show history of a specified image",
  description:
    "Displays the history of an image.\n\n  The information can be printed out in an easy to read, or user specified format, and can be truncated.",
  usage: "IMAGE",
  examples: ["podman image history quay.io/fedora/fedora"],
  flags,
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [name = ""] = invocation.args;
    const history = await onImages(invocation, {
      local: ({ images }) => imageHistory(images, name),
      remote: async (service) => (await import("../../../remote/images/list.ts")).imageHistory(service, name),
    });
    invocation.out.stdout(print(history, invocation));
    return undefined;
  },
});

function print(entries: readonly HistoryEntry[], { flags: values, given }: Invocation<HistoryFlags>): string {
  if (isJsonFormat(values.format ?? "")) return `${toJson(entries.map(jsonEntry), { indent: 0, escapeHtml: true })}\n`;
  const rows = entries.map((entry) => row(entry, values));
  if (values.quiet) return rows.map(({ ID }) => `${ID}\n`).join("");
  if (given("format"))
    return formatRows(values.format ?? "", rows, { headers: { CreatedBy: "CREATED BY" }, name: "history", json: entries.map(layerJson) });
  return renderTable(
    ["ID", "CREATED", "CREATED BY", "SIZE", "COMMENT"],
    rows.map((line) => [line.ID, line.Created, line.CreatedBy, line.Size, line.Comment]),
  );
}

/** The original's keys, oddities included: the time stands there twice. */
function jsonEntry(entry: HistoryEntry) {
  return {
    id: entry.id,
    created: entry.created ?? zeroTime,
    CreatedBy: entry.createdBy,
    tags: entry.tags.length === 0 ? null : entry.tags,
    size: entry.size,
    comment: entry.comment === "" ? undefined : entry.comment,
    Created: rfc3339(entry.created),
  };
}

/** What `{{json .}}` prints. */
function layerJson(entry: HistoryEntry): object {
  const { Created: _, ...layer } = jsonEntry(entry);
  return { ...layer, tags: layer.tags ?? undefined };
}

const zeroTime = "0001-01-01T00:00:00Z";

function rfc3339(time: string | undefined): string {
  return (time ?? zeroTime).replace(/\.\d+/, "");
}

interface HistoryRow {
  readonly ID: string;
  readonly Created: string;
  readonly CreatedBy: string;
  readonly Size: string;
  readonly Comment: string;
  readonly CreatedAt: string;
  readonly CreatedSince: string;
  readonly Tags: readonly string[];
  readonly ImageHistoryLayer: object;
}

function row(entry: HistoryEntry, values: HistoryFlags): HistoryRow {
  const { createdBy } = entry;
  const created = values.human ? humanAgo(new Date(entry.created ?? zeroTime)) : rfc3339(entry.created);
  return {
    ID: values.noTrunc ? entry.id : entry.id.slice(0, 12),
    Created: created,
    CreatedBy: !values.noTrunc && createdBy.length > 45 ? `${createdBy.slice(0, 42)}...` : createdBy,
    Size: humanSize(entry.size, 3),
    Comment: entry.comment,
    CreatedAt: rfc3339(entry.created),
    CreatedSince: created,
    Tags: entry.tags,
    ImageHistoryLayer: {
      ID: entry.id,
      Created: new Date(entry.created ?? zeroTime),
      CreatedBy: createdBy,
      Tags: entry.tags,
      Size: entry.size,
      Comment: entry.comment,
    },
  };
}
