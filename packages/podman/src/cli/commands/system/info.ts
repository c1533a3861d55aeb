import { defineCommand } from "@containers/common/cli/define-command";
import { formatOne } from "@containers/common/report/format";
import { toJson } from "@containers/common/report/json";
import { isJsonFormat } from "@containers/common/report/json-format";
import { withJson } from "@containers/common/report/with-json";
import { toYaml } from "@containers/common/report/yaml";
import { systemInfo } from "../../../system/info.ts";
import { infoTemplateData } from "../../../system/info-template.ts";
import { onSide } from "../../on-side.ts";

/** `podman info`, `podman system info`. */
export const infoCommand = defineCommand({
  name: "info",
  summary: "Display podman system information",
  description: "Prints what the engine knows of the host, the store, the registries and itself.",
  examples: ["podman info", "podman info --format json", "podman info --format '{{.Store.GraphRoot}}'"],
  flags: { format: { type: "string", short: "f", description: "Print as JSON or through a Go template" } },
  args: { max: 0 },
  run: async (invocation) => {
    const { flags, given, out } = invocation;
    const info = await onSide(invocation, {
      local: systemInfo,
      remote: async (service) => (await import("../../../remote/system/facts.ts")).systemInfo(service),
    });
    if (isJsonFormat(flags.format ?? "")) out.stdout(`${toJson(info, { indent: 2 })}\n`);
    else if (given("format"))
      out.stdout(
        formatOne(
          flags.format ?? "",
          withJson(infoTemplateData(info) as object, () => info),
          {
            name: "info",
            typeName: "*define.Info",
            mapFields: new Set(["GraphOptions", "GraphStatus", "Registries", "RuntimeInfo"]),
          },
        ),
      );
    else out.stdout(`${toYaml(info)}\n`);
    return undefined;
  },
});
