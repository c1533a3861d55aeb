import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { clearScreen } from "@containers/common/cli/output";
import { ToolError } from "@containers/common/errors/tool-error";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { listContainers } from "../../../containers/listing/list.ts";
import { containerListingJson } from "../../../containers/listing/listing-json.ts";
import type { ContainerListing, ListOptions } from "../../../containers/options.ts";
import { onSide } from "../../on-side.ts";
import { jsonRow, templateRow } from "./container-rows.ts";
import { parseFilters } from "./targets.ts";

const sortKeys = ["command", "created", "id", "image", "names", "runningfor", "size", "status"] as const;
type SortKey = (typeof sortKeys)[number];

const flags = {
  all: { type: "bool", short: "a", description: "List containers that do not run too" },
  external: { type: "bool", aliases: ["storage"], description: "List containers of other tools in the same store too" },
  filter: { type: "stringArray", short: "f", description: "Only containers that fit (key=value)" },
  format: { type: "string", description: "Print as JSON or through a Go template" },
  last: { type: "int", short: "n", default: -1, description: "Only the containers created last, this many" },
  latest: { type: "bool", short: "l", description: "Only the container created last" },
  "no-trunc": { type: "bool", aliases: ["notruncate"], description: "Print ids and commands whole" },
  noheading: { type: "bool", description: "Leave the headings out" },
  ns: { type: "bool", aliases: ["namespace"], description: "Print the namespaces" },
  pod: { type: "bool", short: "p", description: "Print the pod's id and name" },
  quiet: { type: "bool", short: "q", description: "Print ids only" },
  size: { type: "bool", short: "s", description: "Print the sizes" },
  sort: { type: "string", default: "created", valueName: "choice", choices: sortKeys, description: `Order: ${sortKeys.join(", ")}` },
  sync: { type: "bool", description: "Make sure of the state first, which is always done" },
  watch: { type: "uint", short: "w", description: "Print again every so many seconds" },
} as const;

const statuses = ["created", "initialized", "configured", "running", "paused", "exited", "stopped", "stopping", "removing", "unknown"];

type ListInvocation = Invocation<FlagValues<typeof flags>>;

/** `podman ps`, `podman container list`. */
export const containerListCommand = defineCommand({
  name: "list",
  summary: "List containers",
  description: "Lists the containers that run, or with --all every one.",
  examples: ["podman ps -a", 'podman ps -a --format "{{.ID}}  {{.Image}}  {{.Labels}}  {{.Mounts}}"', "podman ps --size --sort names"],
  flags,
  args: { max: 0 },
  run: (invocation) => list(invocation),
});

async function list(invocation: ListInvocation): Promise<undefined> {
  const { flags: values, out } = invocation;
  refuse(values);
  const options: ListOptions = {
    all: values.all,
    filters: parseFilters(values.filter),
    last: values.last > 0 ? values.last : undefined,
    latest: values.latest,
    size: values.size || /\.Size\b/.test(values.format ?? ""),
    podNames: values.pod || /\.PodName\b/.test(values.format ?? ""),
    namespaces: values.ns,
  };
  const { watch = 0 } = values;
  for (;;) {
    const listed = await onSide(invocation, {
      local: async (engine) => [
        ...(await listContainers(engine, options)),
        ...(values.external ? (await import("../../../containers/listing/list-external.ts")).listExternal(engine) : []),
      ],
      remote: async (service) =>
        (await import("../../../remote/containers/list.ts")).listContainers(service, { ...options, external: values.external }),
    });
    const text = await print(sorted(listed, values.sort as SortKey), invocation);
    if (watch > 0) out.stdout(clearScreen);
    out.stdout(text);
    if (watch === 0) return undefined;
    await Bun.sleep(watch * 1000);
  }
}

function refuse(values: FlagValues<typeof flags>): void {
  if (values.last >= 0 && values.latest) throw new ToolError("invalid-argument", "last and latest are mutually exclusive");
  if (values.quiet && (values.size || values.ns)) throw new ToolError("invalid-argument", "quiet conflicts with size and namespace");
  if (values.size && values.ns) throw new ToolError("invalid-argument", "size and namespace options conflict");
  for (const status of parseFilters(values.filter).status ?? []) {
    if (!statuses.includes(status)) throw new ToolError("invalid-argument", `unknown container state: ${status}: invalid argument`);
  }
}

function sorted(listed: readonly ContainerListing[], key: SortKey): readonly ContainerListing[] {
  const by = (value: (container: ContainerListing) => string | number) =>
    [...listed].sort((one, other) => (value(one) < value(other) ? -1 : value(one) > value(other) ? 1 : 0));
  switch (key) {
    case "command":
      return by(({ command }) => command.join(" "));
    case "id":
      return by(({ id }) => id);
    case "image":
      return by(({ imageName }) => imageName);
    case "names":
      return by(({ name }) => name);
    case "runningfor":
      return by(({ startedAt }) => startedAt);
    case "size":
      return by(({ size }) => size?.rootFsSize ?? 0);
    case "status":
      return by(({ shownStatus }) => shownStatus);
    default:
      return listed;
  }
}

async function print(listed: readonly ContainerListing[], invocation: ListInvocation): Promise<string> {
  const { flags: values, given } = invocation;
  const format = values.format ?? "";
  if (isJsonFormat(format))
    return `${toJson(
      listed.map((container) => jsonRow(container)),
      { indent: 2, escapeHtml: true },
    )}\n`;
  if (values.quiet && !given("format")) return listed.map(({ id }) => `${values.noTrunc ? id : id.slice(0, 12)}\n`).join("");
  const rows = listed.map((container) => templateRow(container, { full: values.noTrunc, namespaces: values.ns }));
  if (given("format")) {
    const { formatRows } = await import("@containers/common/report/format");
    const json = listed.map((one) => ({ ...containerListingJson(one), ...(values.ns ? {} : { Namespaces: {} }) }));
    return formatRows(format, rows, { headers, noHeading: values.noheading, name: "ps", typeName: "containers.psReporter", json });
  }
  const columns = tableColumns(values);
  const cells = rows.map((row) => columns.map(([, field]) => String(row[field] ?? "")));
  return renderTable(values.noheading ? undefined : columns.map(([heading]) => heading), cells);
}

const headers: Readonly<Record<string, string>> = {
  ID: "CONTAINER ID",
  CreatedAt: "CREATED AT",
  CreatedHuman: "CREATED",
  RunningFor: "RUNNING FOR",
  ImageID: "IMAGE ID",
  Pod: "POD ID",
  PodName: "PODNAME",
  CIDFile: "CIDFILE",
  Cgroup: "CGROUPNS",
  User: "USERNS",
  ExitCode: "EXIT CODE",
};

function tableColumns(values: FlagValues<typeof flags>): ReadonlyArray<readonly [string, string]> {
  if (values.ns) {
    return [
      ["CONTAINER ID", "ID"],
      ["NAMES", "Names"],
      ["PID", "Pid"],
      ["CGROUPNS", "CGROUPNS"],
      ["IPC", "IPC"],
      ["MNT", "MNT"],
      ["NET", "NET"],
      ["PIDNS", "PIDNS"],
      ["USERNS", "USERNS"],
      ["UTS", "UTS"],
      ...(values.pod
        ? ([
            ["POD ID", "Pod"],
            ["PODNAME", "PodName"],
          ] as const)
        : []),
    ];
  }
  return [
    ["CONTAINER ID", "ID"],
    ["IMAGE", "Image"],
    ["COMMAND", "Command"],
    ["CREATED", "CreatedHuman"],
    ["STATUS", "Status"],
    ["PORTS", "Ports"],
    ["NAMES", "Names"],
    ...(values.pod
      ? ([
          ["POD ID", "Pod"],
          ["PODNAME", "PodName"],
        ] as const)
      : []),
    ...(values.size ? ([["SIZE", "Size"]] as const) : []),
  ];
}
