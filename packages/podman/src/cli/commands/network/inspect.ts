import { defineCommand } from "@containers/common/cli/define-command";
import { describeError, isErrorOfKind } from "@containers/common/errors/tool-error";
import { formatRows, isJsonFormat } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { type InspectedNetwork, inspectNetwork } from "../../../networks/inspect.ts";
import { jsonNetwork, templateNetwork } from "../../../networks/network-rows.ts";
import { onSide } from "../../on-side.ts";

/** `podman network inspect`. */
export const networkInspectCommand = defineCommand({
  name: "inspect",
  summary: "Inspect network",
  description: "Displays the network configuration for one or more networks.",
  usage: "NETWORK [NETWORK...]",
  examples: ["podman network inspect podman"],
  flags: { format: { type: "string", short: "f", description: "Pretty-print network to JSON or using a Go template" } },
  args: { min: 1 },
  run: async (invocation) => {
    const { found, failures } = await onSide(invocation, {
      local: (engine) => inspectNames(invocation.args, async (name) => inspectNetwork(engine, name)),
      remote: async (service) => {
        const deeds = await import("../../../remote/networks/deeds.ts");
        return inspectNames(invocation.args, (name) => deeds.inspectNetwork(service, name));
      },
    });
    invocation.out.stdout(print(found, invocation.flags.format ?? ""));
    const last = failures.pop();
    for (const failure of failures) invocation.out.stderr(`Error: ${describeError(failure)}\n`);
    if (last !== undefined) throw last;
    return undefined;
  },
});

async function inspectNames(names: readonly string[], inspect: (name: string) => Promise<InspectedNetwork>) {
  const found: InspectedNetwork[] = [];
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      found.push(await inspect(name));
    } catch (error) {
      if (!isErrorOfKind(error, "not-found")) throw error;
      failures.push(error);
    }
  }
  return { found, failures };
}

function print(found: readonly InspectedNetwork[], format: string): string {
  const json = found.map(({ network, containers }) => ({ ...jsonNetwork(network), containers }));
  if (format === "" || isJsonFormat(format)) return `${toJson(json, { indent: 5 })}\n`;
  const rows = found.map(({ network, containers }) => ({
    ...templateNetwork(network),
    Containers: new Map(
      [...containers].map(([id, member]) => [
        id,
        // The function `json` prints the file's keys, not the fields' names.
        { Name: member.name, Interfaces: new Map(Object.entries(member.interfaces)), toJSON: () => member },
      ]),
    ),
  }));
  return formatRows(format, rows, { name: "inspect", json });
}
