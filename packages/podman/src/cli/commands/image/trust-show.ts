import { defineCommand } from "@containers/common/cli/define-command";
import { renderTable } from "@containers/common/report/table";
import { goJson } from "@containers/image/manifest/go-json";
import { describePolicy, readPolicyText } from "@containers/image/trust/describe-policy";
import { policyPath } from "@containers/image/trust/policy-file";
import { registriesDirectory } from "@containers/image/trust/registries-d";

/** `podman image trust show`. */
export const imageTrustShowCommand = defineCommand({
  name: "show",
  summary: "Display trust policy for the system",
  description: "Display trust policy for the system",
  usage: "[REGISTRY]",
  flags: {
    json: { type: "bool", short: "j", description: "Output as json" },
    noheading: { type: "bool", short: "n", description: "Do not print column headings" },
    raw: { type: "bool", description: "Output raw policy file" },
    policypath: { type: "string", hidden: true, description: "" },
    registrypath: { type: "string", hidden: true, description: "" },
  },
  args: { min: 0, max: 1 },
  needsUserNamespace: false,
  run: async ({ flags, out }) => {
    const path = policyPath(flags.policypath);
    const text = readPolicyText(path);
    if (flags.raw) {
      out.stdout(`${text}\n`);
      return undefined;
    }
    const lines = await describePolicy(text, path, registriesDirectory(flags.registrypath));
    if (flags.json) {
      out.stdout(`${goJson(lines, 2)}\n`);
      return undefined;
    }
    const headers = flags.noheading ? undefined : ["TRANSPORT", "NAME", "TYPE", "ID", "STORE"];
    const rows = lines.map((line) => [line.transport, line.repo_name ?? "", line.type, line.gpg_id ?? "", line.sigstore ?? ""]);
    out.stdout(renderTable(headers, rows));
    return undefined;
  },
});
