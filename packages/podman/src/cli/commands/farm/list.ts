import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { formatRows } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { renderTable } from "@containers/common/report/table";
import { listFarms } from "../../../farm/farms.ts";

/** `podman farm list`. */
export const farmListCommand = defineCommand({
  name: "list",
  aliases: ["ls"],
  summary: "List all existing farms",
  description: "Lists the farms of the user and of containers.conf.",
  examples: ["podman farm list", "podman farm ls --format json"],
  flags: { format: { type: "string", description: "Print as JSON, or through a Go template" } },
  args: { max: 0 },
  needsUserNamespace: false,
  run: ({ flags, out }) => {
    const farms = listFarms(loadContainersConf());
    const format = flags.format ?? "";
    if (isJsonFormat(format)) out.stdout(`${toJson(farms, { indent: 4 })}\n`);
    else if (format !== "") out.stdout(formatRows(format, farms, { name: "list", json: farms }));
    else {
      const rows = farms.map((farm) => [farm.Name, `[${farm.Connections.join(" ")}]`, String(farm.Default), String(farm.ReadWrite)]);
      out.stdout(renderTable(["Name", "Connections", "Default", "ReadWrite"], rows));
    }
    return undefined;
  },
});
