import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { listPods, type PodListing, podListingJson } from "../../../pods/list.ts";
import { onSide } from "../../on-side.ts";
import { mapFields } from "../inspect-output.ts";
import { templatePod } from "./pod-rows.ts";
import { latestPodFlag } from "./targets.ts";

const flags = {
  ...latestPodFlag,
  "ctr-ids": { type: "bool", description: "Print the containers' ids" },
  "ctr-names": { type: "bool", description: "Print the containers' names" },
  "ctr-status": { type: "bool", description: "Print the containers' statuses" },
  filter: { type: "stringArray", short: "f", description: "Only pods that fit (key=value)" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  "no-trunc": { type: "bool", aliases: ["notruncate"], description: "Print ids whole" },
  noheading: { type: "bool", short: "n", description: "Leave the headings out" },
  ns: { type: "bool", aliases: ["namespace"], description: "Print the pod's cgroup and namespace" },
  quiet: { type: "bool", short: "q", description: "Print ids only" },
  sort: { type: "string", default: "created", description: "Order: created, id, name, number, status" },
} as const;

type ListInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman pod ps`. */
export const podListCommand = defineCommand({
  name: "ps",
  aliases: ["ls", "list"],
  summary: "List pods",
  description: "Lists the pods, with their status and number of containers.",
  examples: ["podman pod ps", "podman pod ps --ctr-names --filter status=running", "podman pod ps --format '{{.Id}} {{.Name}}'"],
  flags,
  args: { max: 0 },
  run: async (invocation) => {
    const { flags: values, out } = invocation;
    if (values.quiet && (values.format ?? "") !== "") throw new ToolError("invalid-argument", "quiet and format cannot be used together");
    const compare = order(values.sort);
    const filters = parsePodFilters(values.filter);
    const listed = await onSide(invocation, {
      local: (engine) => listPods(engine, { filters, latest: values.latest }),
      remote: async (service) => (await import("../../../remote/pods/list.ts")).listPods(service, filters),
    });
    out.stdout(await print([...listed].reverse().sort(compare), invocation));
    return undefined;
  },
});

function parsePodFilters(texts: readonly string[]): Record<string, string[]> {
  const filters: Record<string, string[]> = {};
  for (const text of texts) {
    const equals = text.indexOf("=");
    if (equals < 1) throw new ToolError("invalid-argument", `filter input must be in the form of filter=value: ${text} is invalid`);
    (filters[text.slice(0, equals)] ??= []).push(text.slice(equals + 1));
  }
  return filters;
}

/** The newest first, unless another order is asked for. */
function order(key: string): (one: PodListing, other: PodListing) => number {
  const by =
    (value: (listing: PodListing) => string | number) =>
    (one: PodListing, other: PodListing): number =>
      value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0;
  switch (key) {
    case "created":
      return () => 0;
    case "id":
      return by(({ pod }) => pod.id);
    case "name":
      return by(({ pod }) => pod.name);
    case "number":
      return by(({ members }) => members.length);
    case "status":
      return by(({ status }) => status);
    default:
      throw new ToolError("invalid-argument", "invalid option for --sort, options are: created, id, name, number, or status");
  }
}

const headers: Readonly<Record<string, string>> = {
  Id: "POD ID",
  ID: "POD ID",
  NumberOfContainers: "# OF CONTAINERS",
  InfraID: "INFRA ID",
  InfraId: "INFRA ID",
  ContainerIds: "IDS",
  ContainerNames: "NAMES",
  ContainerStatuses: "STATUS",
  Namespace: "NAMESPACES",
};

async function print(listed: readonly PodListing[], { flags: values, given }: ListInvocation): Promise<string> {
  const format = values.format ?? "";
  if (isJsonFormat(format)) return `${toJson(listed.map(podListingJson), { indent: 2, escapeHtml: true })}\n`;
  if (values.quiet) return listed.map(({ pod }) => `${values.noTrunc ? pod.id : pod.id.slice(0, 12)}\n`).join("");
  const rows = listed.map((listing) => templatePod(listing, values.noTrunc));
  if (given("format")) {
    const { formatRows } = await import("@containers/common/report/format");
    const json = listed.map(podListingJson);
    return formatRows(format, rows, {
      headers,
      noHeading: values.noheading,
      name: "ps",
      typeName: "pods.ListPodReporter",
      mapFields,
      json,
    });
  }
  const columns = tableColumns(values);
  const cells = rows.map((row) => columns.map(([, field]) => String(row[field] ?? "")));
  return renderTable(values.noheading ? undefined : columns.map(([heading]) => heading), cells);
}

function tableColumns(values: FlagValues<typeof flags>): ReadonlyArray<readonly [heading: string, field: string]> {
  return [
    ["POD ID", "Id"],
    ["NAME", "Name"],
    ["STATUS", "Status"],
    ["CREATED", "Created"],
    ["INFRA ID", "InfraId"],
    ...(values.ctrIds ? [["IDS", "ContainerIds"] as const] : []),
    ...(values.ctrNames ? [["NAMES", "ContainerNames"] as const] : []),
    ...(values.ctrStatus ? [["STATUS", "ContainerStatuses"] as const] : []),
    ...(values.ns ? [["CGROUP", "Cgroup"] as const, ["NAMESPACES", "Namespace"] as const] : []),
    ...(values.ctrIds || values.ctrNames || values.ctrStatus ? [] : [["# OF CONTAINERS", "NumberOfContainers"] as const]),
  ];
}
