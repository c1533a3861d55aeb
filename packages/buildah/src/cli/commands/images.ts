import { defineCommand } from "@containers/common/cli/define-command";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { alignTabs } from "@containers/common/report/tabwriter";
import { humanAgo, humanSize } from "@containers/common/report/units";
import { type ImageListing, listImages } from "@containers/image/local-images/list";
import { requireLocalImage } from "@containers/image/local-images/resolve-name";
import { openImages } from "../open-ports.ts";

/** Three spaces between columns, and no least width: as the original's table. */
const LAYOUT = { minWidth: 0, padding: 3 } as const;

/** `buildah images`. */
export const imagesCommand = defineCommand({
  name: "images",
  summary: "List images in local storage",
  description: "Lists locally stored images.",
  usage: "[IMAGE]",
  examples: [
    "buildah images --all",
    "buildah images [imageName]",
    "buildah images --format '{{.ID}} {{.Name}} {{.Size}} {{.CreatedAtRaw}}'",
  ],
  flags: {
    all: { type: "bool", short: "a", description: "show all images, including intermediate images from a build" },
    digests: { type: "bool", description: "show digests" },
    filter: { type: "stringSlice", short: "f", description: "filter output based on conditions provided" },
    format: { type: "string", description: "pretty-print images using a Go template" },
    history: { type: "bool", description: "display the image name history" },
    json: { type: "bool", description: "output in JSON format" },
    "no-trunc": { type: "bool", description: "do not truncate output" },
    noheading: { type: "bool", short: "n", description: "do not print column headings" },
    quiet: { type: "bool", short: "q", description: "display only image IDs" },
  },
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    const images = openImages(invocation, { quiet: true });
    const wanted = args[0] === undefined ? undefined : requireLocalImage(images, args[0]).image.id;
    const listed = await listImages(images, { all: flags.all || wanted !== undefined, filters: flags.filter });
    const found = listed.filter((image) => wanted === undefined || image.id === wanted);
    const id = (image: ImageListing): string => (flags.noTrunc ? `sha256:${image.id}` : image.id.slice(0, 12));
    if (flags.json) {
      out.stdout(`${toJson(found.map((image) => jsonRow(image, id(image))))}\n`);
      return undefined;
    }
    const newestFirst = [...found].sort((a, b) => (a.created < b.created ? 1 : a.created > b.created ? -1 : 0));
    if (flags.quiet) {
      out.stdout([...new Set(newestFirst.map(id))].map((text) => `${text}\n`).join(""));
      return undefined;
    }
    const rows = newestFirst.flatMap((image) =>
      (image.names.length === 0 ? ["<none>:<none>"] : image.names).map((name) => templateRow(image, name, id(image))),
    );
    if (flags.format !== undefined && flags.format !== "") {
      out.stdout(alignTabs(formatRows(flags.format.replace(/\}\} +\{\{/g, "}}\t{{"), rows), LAYOUT));
      return undefined;
    }
    const columns = [
      "Name",
      "Tag",
      ...(flags.digests ? (["Digest"] as const) : []),
      "ID",
      "CreatedAt",
      "Size",
      ...(flags.history ? (["History"] as const) : []),
    ] as const;
    const titles: Readonly<Record<string, string>> = {
      Name: "REPOSITORY",
      Tag: "TAG",
      Digest: "DIGEST",
      ID: "IMAGE ID",
      CreatedAt: "CREATED",
      Size: "SIZE",
      History: "HISTORY",
    };
    out.stdout(
      renderTable(
        flags.noheading ? undefined : columns.map((column) => titles[column] ?? column),
        rows.map((row) => columns.map((column) => row[column])),
        LAYOUT,
      ),
    );
    return undefined;
  },
});

function jsonRow(image: ImageListing, id: string): Record<string, unknown> {
  return {
    id,
    names: image.names.length === 0 ? null : image.names,
    digest: image.digest,
    createdat: humanAgo(new Date(image.created)),
    size: imageSize(image.size),
    created: Math.floor(Date.parse(image.created) / 1000),
    createdatraw: image.created,
    readonly: image.readOnly,
    history: null,
  };
}

function templateRow(
  image: ImageListing,
  name: string,
  id: string,
): Record<"Name" | "Tag" | "Digest" | "ID" | "CreatedAt" | "CreatedAtRaw" | "Size" | "History", string> {
  const digestAt = name.indexOf("@");
  const plain = digestAt === -1 ? name : name.slice(0, digestAt);
  const colon = plain.lastIndexOf(":");
  const tagged = colon > plain.lastIndexOf("/");
  return {
    Name: tagged ? plain.slice(0, colon) : plain,
    Tag: tagged ? plain.slice(colon + 1) : "<none>",
    Digest: image.digest,
    ID: id,
    CreatedAt: humanAgo(new Date(image.created)),
    CreatedAtRaw: image.created,
    Size: imageSize(image.size),
    History: image.namesHistory.join(", ") || "<none>",
  };
}

/** `2.41 KB`: thousands with a capital, as the original writes them here. */
function imageSize(bytes: number): string {
  return humanSize(bytes, 3, " ").replace("kB", "KB");
}
