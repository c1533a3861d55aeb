import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { setPolicyEntry } from "@containers/image/trust/change-policy";
import { policyPath } from "@containers/image/trust/policy-file";

const types = ["accept", "insecureAcceptAnything", "reject", "signedBy", "sigstoreSigned"];

/** `podman image trust set`. */
export const imageTrustSetCommand = defineCommand({
  name: "set",
  summary: "Set default trust policy or a new trust policy for a registry",
  description: "Set default trust policy or add a new trust policy for a registry",
  usage: "REGISTRY",
  examples: ["podman image trust set -f /etc/pki/containers/key.gpg registry.example.com", "podman image trust set --type reject default"],
  flags: {
    pubkeysfile: {
      type: "stringArray",
      short: "f",
      description:
        "Path of installed public key(s) to trust for TARGET.\nAbsolute path to keys is added to policy.json. May\nused multiple times to define multiple public keys.\nFile(s) must exist before using this command",
    },
    type: { type: "string", short: "t", default: "signedBy", description: "Trust type, accept values: signedBy(default), accept, reject" },
    policypath: { type: "string", hidden: true, description: "" },
  },
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ flags, args }) => {
    const [scope = ""] = args;
    if (!/^[A-Za-z0-9._-]+(:[0-9]+)?(\/[a-z0-9._:@/-]+)?$/.test(scope))
      throw new ToolError("invalid-argument", `invalid image uri: ${scope}`);
    if (!types.includes(flags.type)) {
      throw new ToolError(
        "invalid-argument",
        `invalid choice: ${flags.type} (choose from 'accept', 'reject', 'signedBy', 'sigstoreSigned')`,
      );
    }
    const keyFiles = flags.pubkeysfile.map((file) => resolve(file));
    const absent = keyFiles.find((file) => !existsSync(file));
    if (absent !== undefined) throw new ToolError("not-found", `public key file ${absent}: no such file or directory`);
    setPolicyEntry(policyPath(flags.policypath), { scope, type: flags.type, keyFiles });
    return undefined;
  },
});
