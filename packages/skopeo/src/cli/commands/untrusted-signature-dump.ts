import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { goJson } from "@containers/image/manifest/go-json";
import { readUnverified } from "@containers/image/trust/gpg";
import { optionalOf, parsePayload } from "@containers/image/trust/simple-signing/payload";
import { readInput } from "./standalone-sign.ts";

/** `skopeo untrusted-signature-dump-without-verification`: hidden, and named for what it does not do. */
export const untrustedSignatureDumpCommand = defineCommand({
  name: "untrusted-signature-dump-without-verification",
  summary: "Dump contents of a signature WITHOUT VERIFYING IT",
  usage: "SIGNATURE",
  flags: {},
  args: { min: 0 },
  needsUserNamespace: false,
  run: async ({ args, out }) => {
    const [path, more] = args;
    if (path === undefined || more !== undefined)
      throw new ToolError("invalid-argument", "Usage: skopeo untrusted-signature-dump-without-verification signature");
    const signature = readInput(path, `Error reading untrusted signature from ${path}`);
    try {
      const { content, keyId } = await readUnverified(signature);
      const { digest, reference } = parsePayload(content);
      const { creator, timestamp } = optionalOf(content);
      const shown = {
        UntrustedDockerManifestDigest: digest,
        UntrustedDockerReference: reference,
        UntrustedCreatorID: creator ?? null,
        UntrustedTimestamp: timestamp === undefined ? null : new Date(timestamp * 1000).toISOString().replace(".000Z", "Z"),
        UntrustedShortKeyIdentifier: keyId,
      };
      out.stdout(`${goJson(shown, 4)}\n`);
    } catch (error) {
      throw wrapError("Error decoding untrusted signature", error);
    }
    return undefined;
  },
});
