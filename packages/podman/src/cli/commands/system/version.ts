import { defineCommand } from "@containers/common/cli/define-command";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { alignTabs } from "@containers/common/report/tabwriter";
import { versionInfo } from "../../../system/version.ts";

/** `podman version`. */
export const versionCommand = defineCommand({
  name: "version",
  summary: "Display the version",
  description: "Prints the version of the program and of the interface it offers.",
  examples: ["podman version", "podman version --format '{{.Client.Version}}'"],
  flags: { format: { type: "string", short: "f", description: "Print as JSON or through a Go template" } },
  args: { max: 0 },
  needsUserNamespace: false,
  run: ({ flags, given, out }) => {
    const client = versionInfo();
    if (isJsonFormat(flags.format ?? "")) out.stdout(`${toJson({ Client: client }, { indent: 2 })}\n`);
    else if (given("format")) out.stdout(formatOne(flags.format ?? "", { Client: client, Server: null, ...client }, { name: "version" }));
    else {
      const rows = [
        ["Client", "Podman Engine"],
        ["Version", client.Version],
        ["API Version", client.APIVersion],
        ["Go Version", client.GoVersion],
        ["OS/Arch", client.OsArch],
      ];
      out.stdout(alignTabs(rows.map(([name, value]) => `${name}:\t${value}\n`).join("")));
    }
    return undefined;
  },
});
