import { defineCommand, defineFlags } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { type Connection, listConnections } from "../../../remote/destinations.ts";

export const connectionListFlags = defineFlags({
  format: { type: "string", short: "f", description: "Print as JSON, with the TLS files (tls), or through a Go template" },
  quiet: { type: "bool", short: "q", description: "Print names only" },
});

/** `podman system connection list`. */
export const connectionListCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List destination for the Podman service(s)",
  description: "Lists the services that have names.",
  examples: ["podman system connection list", "podman system connection ls --format=tls", "podman system connection ls --format=json"],
  flags: connectionListFlags,
  args: { max: 0 },
  needsUserNamespace: false,
  run: ({ flags, out }) => {
    out.stdout(connectionsText(listConnections(loadContainersConf()), { format: flags.format ?? "", quiet: flags.quiet, name: "list" }));
    return undefined;
  },
});

/** Connections as a table, as JSON, or as their names; `name` is the command's, for messages about templates. */
export function connectionsText(
  connections: readonly Connection[],
  options: { readonly format: string; readonly quiet: boolean; readonly name: string },
): string {
  const { format, quiet, name } = options;
  const rows = connections.map((one) => ({ Identity: "", TLSCA: "", TLSCert: "", TLSKey: "", IsMachine: false, ...one }));
  if (quiet) return rows.map(({ Name }) => `${Name}\n`).join("");
  if (isJsonFormat(format)) return `${toJson(connections, { indent: 4 })}\n`;
  if (format !== "" && format !== "tls") return formatRows(format, rows, { name, json: connections });
  const tls = format === "tls" ? (["TLSCA", "TLSCert", "TLSKey"] as const) : [];
  const columns = ["Name", "URI", "Identity", ...tls, "Default", "ReadWrite"] as const;
  return renderTable(
    columns,
    rows.map((row) => columns.map((column) => String(row[column]))),
  );
}
