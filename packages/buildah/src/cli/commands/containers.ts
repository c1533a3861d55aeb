import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import type { ContainerRecord, Store } from "@containers/storage/store";
import { findWorkingContainer, isWorkingContainer } from "../../working-container/open.ts";
import { openCommandStore } from "../open-ports.ts";

interface Row {
  readonly ContainerID: string;
  readonly Builder: string;
  readonly ImageID: string;
  readonly ImageName: string;
  readonly ContainerName: string;
}

/** `buildah containers`. */
export const containersCommand = defineCommand({
  name: "containers",
  aliases: ["list", "ls", "ps"],
  summary: "List working containers and their base images",
  description:
    "Lists containers which appear to be Buildah working containers, their\n  names and IDs, and the names and IDs of the images from which they were\n  initialized.",
  flags: {
    all: { type: "bool", short: "a", description: "also list non-buildah containers" },
    filter: { type: "string", short: "f", description: "filter output based on conditions provided" },
    format: { type: "string", description: "pretty-print containers using a Go template" },
    json: { type: "bool", description: "output in JSON format" },
    noheading: { type: "bool", short: "n", description: "do not print column headings" },
    notruncate: { type: "bool", description: "do not truncate output" },
    quiet: { type: "bool", short: "q", description: "display only container IDs" },
  },
  run: ({ flags, globals, out }) => {
    const store = openCommandStore(globals);
    const rows = store.containers
      .list()
      .filter((record) => flags.all || isWorkingContainer(store, record.id))
      .map((record) => describe(store, record))
      .filter((row) => matches(row, flags.filter ?? ""));
    if (flags.json) {
      out.stdout(
        `${toJson(rows.map((row) => ({ id: row.ContainerID, builder: row.Builder !== "", imageid: row.ImageID, imagename: row.ImageName, containername: row.ContainerName })))}\n`,
      );
    } else if (flags.quiet) out.stdout(rows.map((row) => `${row.ContainerID}\n`).join(""));
    else if (flags.format !== undefined && flags.format !== "") out.stdout(columns(formatRows(flags.format.replaceAll(" ", "\t"), rows)));
    else out.stdout(table(rows, flags));
    return undefined;
  },
});

/** Columns, three characters between them: what the original makes of the spaces in a format. */
function columns(text: string): string {
  const lines = text.split("\n").map((line) => line.split("\t"));
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((cells) => (cells[at] ?? "").length + 3)));
  const padded = (cells: readonly string[]) => cells.map((cell, at) => (at < cells.length - 1 ? cell.padEnd(widths[at] ?? 0) : cell));
  return lines.map((cells) => padded(cells).join("")).join("\n");
}

function describe(store: Store, record: ContainerRecord): Row {
  const container = findWorkingContainer(store, record.id);
  const image = record.image === undefined ? undefined : store.images.get(record.image);
  return {
    ContainerID: record.id,
    Builder: container === undefined ? "" : "   *",
    ImageID: container?.fromImageId ?? record.image ?? "",
    ImageName: image?.names[0] ?? (container === undefined || container.fromImage !== "" ? (container?.fromImage ?? "") : "scratch"),
    ContainerName: record.names[0] ?? "",
  };
}

function matches(row: Row, filter: string): boolean {
  if (filter === "") return true;
  const [key = "", value = ""] = filter.split(/=([^]*)/);
  switch (key) {
    case "id":
      return row.ContainerID.includes(value);
    case "name":
      return row.ContainerName.includes(value);
    case "ancestor":
      return row.ImageID.startsWith(value) || row.ImageName.includes(value);
    default:
      throw new ToolError("invalid-argument", `invalid filter: ${JSON.stringify(filter)}`);
  }
}

/** Fixed columns, as the original prints them. */
function table(rows: readonly Row[], flags: { readonly noheading: boolean; readonly notruncate: boolean }): string {
  const width = flags.notruncate ? 64 : 12;
  const cut = (id: string) => id.slice(0, width);
  const line = (row: Row) =>
    `${cut(row.ContainerID).padEnd(width)}  ${row.Builder.padEnd(8)} ${cut(row.ImageID).padEnd(width)} ${row.ImageName.padEnd(32)} ${row.ContainerName}\n`;
  const heading = `${"CONTAINER ID".padEnd(width)}  BUILDER  ${"IMAGE ID".padEnd(width)} ${"IMAGE NAME".padEnd(32)} CONTAINER NAME\n`;
  const lines = rows.map(line);
  return (flags.noheading || rows.length === 0 ? "" : heading) + lines.join("");
}
