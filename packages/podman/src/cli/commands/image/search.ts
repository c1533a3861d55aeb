import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { type SearchResult, searchImages } from "@containers/image/local-images/search";
import { onSide } from "../../on-side.ts";
import { registryAccess, registryFlags } from "./with-images.ts";

const flags = {
  ...registryFlags,
  compatible: { type: "bool", description: "List stars, official and automated columns (Docker compatibility)" },
  filter: { type: "stringArray", short: "f", description: "Filter output based on conditions provided (default [])" },
  format: { type: "string", description: "Change the output format to JSON or a Go template" },
  limit: { type: "int", default: 0, description: "Limit the number of results" },
  "list-tags": { type: "bool", description: "List the tags of the input registry" },
  "no-trunc": { type: "bool", description: "Do not truncate the output" },
} as const;

type SearchFlags = FlagValues<typeof flags>;

/** `podman search`, `podman image search`. */
export const imageSearchCommand = defineCommand({
  name: "search",
  summary: "Search registry for image",
  description:
    "Search registries for a given image. Can search all the default registries or a specific registry.\n\n  Users can limit the number of results, and filter the output based on certain conditions.",
  usage: "TERM",
  examples: [
    "podman image search --filter=is-official --limit 3 alpine",
    "podman image search registry.fedoraproject.org/  # only works with v2 registries",
    'podman image search --format "table {{.Index}} {{.Name}}" registry.fedoraproject.org/fedora',
  ],
  flags,
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: (invocation) => search(invocation),
});

async function search(invocation: Invocation<SearchFlags>): Promise<undefined> {
  const { flags: values, args, out } = invocation;
  if (values.listTags && values.filter.length > 0)
    throw new ToolError("invalid-argument", "filters are not applicable to list tags result");
  const [term = ""] = args;
  const access = registryAccess(invocation);
  const options = { limit: values.limit, filters: values.filter, listTags: values.listTags };
  const results = await onSide(invocation, {
    local: () => searchImages(term, access, options),
    remote: async (service) => (await import("../../../remote/images/list.ts")).searchImages(service, term, access, options),
  });
  if (results.length > 0) out.stdout(print(results, invocation));
}

function print(results: readonly SearchResult[], { flags: values, given }: Invocation<SearchFlags>): string {
  const json = isJsonFormat(values.format ?? "");
  const rows = results.map((result) => row(result, !values.noTrunc && !json));
  if (json) return `${toJson(values.listTags ? tagsByName(results) : rows.map(({ Tag: _, ...shown }) => shown), { escapeHtml: true })}\n`;
  if (given("format")) return formatRows(values.format ?? "", rows, { name: "search" });
  if (values.listTags)
    return renderTable(
      ["NAME", "TAG"],
      rows.map((line) => [line.Name, line.Tag]),
    );
  if (!values.compatible)
    return renderTable(
      ["NAME", "DESCRIPTION"],
      rows.map((line) => [line.Name, line.Description]),
    );
  const cells = rows.map((line) => [line.Name, line.Description, String(line.Stars), line.Official, line.Automated]);
  return renderTable(["NAME", "DESCRIPTION", "STARS", "OFFICIAL", "AUTOMATED"], cells);
}

function row(result: SearchResult, truncate: boolean) {
  const { description } = result;
  return {
    Index: result.index,
    Name: result.name,
    Description: truncate && description.length > 44 ? `${description.slice(0, 44).trim()}...` : description,
    Stars: result.stars,
    Official: result.official ? "[OK]" : "",
    Automated: result.automated ? "[OK]" : "",
    Tag: result.tag ?? "",
  };
}

function tagsByName(results: readonly SearchResult[]): ReadonlyArray<{ readonly Name: string; readonly Tags: readonly string[] }> {
  const names = new Map<string, string[]>();
  for (const { name, tag } of results) names.set(name, [...(names.get(name) ?? []), tag ?? ""]);
  return [...names].map(([Name, Tags]) => ({ Name, Tags }));
}
