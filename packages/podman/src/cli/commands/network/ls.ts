import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import type { NetworkDefinition } from "@containers/common/network/backend";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { renderTable } from "@containers/common/report/table";
import { listNetworks } from "../../../networks/list.ts";
import { jsonNetwork, labelText, templateNetwork } from "../../../networks/network-rows.ts";
import { onSide } from "../../on-side.ts";

const flags = {
  filter: { type: "stringArray", short: "f", description: "Provide filter values (e.g. 'name=podman')" },
  format: { type: "string", description: "Pretty-print networks to JSON or using a Go template" },
  "no-trunc": { type: "bool", description: "Do not truncate the network ID" },
  noheading: { type: "bool", short: "n", description: "Do not print headers" },
  quiet: { type: "bool", short: "q", description: "display only names" },
} as const;

/** `podman network ls`. */
export const networkLsCommand = defineCommand({
  name: "ls",
  aliases: ["list"],
  summary: "List networks",
  description: "List networks",
  examples: ["podman network list"],
  flags,
  args: { max: 0 },
  run: async (invocation) => {
    const filters = invocation.flags.filter;
    const networks = await onSide(invocation, {
      local: (engine) => listNetworks(engine, { filters }),
      remote: async (service) => (await import("../../../remote/networks/deeds.ts")).listNetworks(service, filters),
    });
    invocation.out.stdout(print(networks, invocation));
    return undefined;
  },
});

function print(networks: readonly NetworkDefinition[], { flags: values, given }: Invocation<FlagValues<typeof flags>>): string {
  const shortId = ({ id }: NetworkDefinition) => (values.noTrunc ? id : id.slice(0, 12));
  if (values.quiet && !given("format")) return networks.map(({ name }) => `${name}\n`).join("");
  const format = values.format ?? "";
  if (isJsonFormat(format)) return `${toJson(networks.map(jsonNetwork), { indent: 5 })}\n`;
  if (given("format")) {
    const json = networks.map(jsonNetwork);
    const rows = networks.map((network) => ({ ...templateNetwork(network), ID: shortId(network), Labels: labelText(network.labels) }));
    return formatRows(format, rows, { headers: { ID: "NETWORK ID" }, noHeading: values.noheading, name: "networks", json });
  }
  const headings = values.noheading ? undefined : ["NETWORK ID", "NAME", "DRIVER"];
  return renderTable(
    headings,
    networks.map((network) => [shortId(network), network.name, network.driver]),
  );
}
