import { defineCommand, type Invocation } from "@containers/common/cli/define-command";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { alignTabs } from "@containers/common/report/tabwriter";
import { withJson } from "@containers/common/report/with-json";
import { versionInfo } from "../../../system/version.ts";
import { isRemote, onSide } from "../../on-side.ts";

/** `podman version`. */
export const versionCommand = defineCommand({
  name: "version",
  summary: "Display the version",
  description: "Prints the version of the program and of the interface it offers.",
  examples: ["podman version", "podman version --format '{{.Client.Version}}'"],
  flags: { format: { type: "string", short: "f", description: "Print as JSON or through a Go template" } },
  args: { max: 0 },
  needsUserNamespace: false,
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    const client = versionInfo();
    const server = isRemote(invocation) ? await versionOfService(invocation) : undefined;
    const both = { Client: client, ...(server === undefined ? {} : { Server: server }) };
    if (isJsonFormat(flags.format ?? "")) out.stdout(`${toJson(both, { indent: 2 })}\n`);
    else if (given("format"))
      out.stdout(
        formatOne(
          flags.format ?? "",
          withJson({ Server: null, ...both, ...client }, () => both),
          { name: "version" },
        ),
      );
    else {
      out.stdout(versionText("Client", client));
      if (server !== undefined) out.stdout(`\n${versionText("Server", server)}`);
    }
    return undefined;
  },
});

type VersionInfo = ReturnType<typeof versionInfo>;

function versionOfService<V>(invocation: Invocation<V>): Promise<VersionInfo> {
  return onSide(invocation, {
    local: () => versionInfo(),
    remote: async (service) => (await import("../../../remote/system/facts.ts")).serviceVersion(service),
  });
}

function versionText(side: string, info: VersionInfo): string {
  const rows = [
    [side, "Podman Engine"],
    ["Version", info.Version],
    ["API Version", info.APIVersion],
    ["Go Version", info.GoVersion],
    ...(info.BuiltTime === "" ? [] : [["Built", info.BuiltTime]]),
    ["OS/Arch", info.OsArch],
  ];
  return alignTabs(rows.map(([name, value]) => `${name}:\t${value}\n`).join(""));
}
