import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { listConnections } from "../../../remote/destinations.ts";

/** `podman system connection list`. */
export const connectionListCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List destination for the Podman service(s)",
  description: "Lists the services that have names.",
  examples: ["podman system connection list", "podman system connection ls --format=tls", "podman system connection ls --format=json"],
  flags: {
    format: { type: "string", short: "f", description: "Print as JSON, with the TLS files (tls), or through a Go template" },
    quiet: { type: "bool", short: "q", description: "Print names only" },
  },
  args: { max: 0 },
  needsUserNamespace: false,
  run: ({ flags, out }) => {
    const connections = listConnections(loadContainersConf());
    const format = flags.format ?? "";
    const rows = connections.map((one) => ({ Identity: "", TLSCA: "", TLSCert: "", TLSKey: "", IsMachine: false, ...one }));
    if (flags.quiet) out.stdout(rows.map(({ Name }) => `${Name}\n`).join(""));
    else if (isJsonFormat(format)) out.stdout(`${toJson(connections, { indent: 4 })}\n`);
    else if (format !== "" && format !== "tls") out.stdout(formatRows(format, rows, { name: "list", json: connections }));
    else {
      const columns = [
        "Name",
        "URI",
        "Identity",
        ...(format === "tls" ? (["TLSCA", "TLSCert", "TLSKey"] as const) : []),
        "Default",
        "ReadWrite",
      ] as const;
      out.stdout(
        renderTable(
          columns,
          rows.map((row) => columns.map((column) => String(row[column]))),
        ),
      );
    }
    return undefined;
  },
});
