import { readFileSync, writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { parseNormalizedName } from "@containers/image/reference/reference";
import { signManifest } from "@containers/image/trust/simple-signing/sign";
import { skopeoVersion } from "../program.ts";

/** `skopeo standalone-sign`. */
export const standaloneSignCommand = defineCommand({
  name: "standalone-sign",
  summary: "Create a signature using local files",
  usage: "MANIFEST DOCKER-REFERENCE KEY-FINGERPRINT --output|-o SIGNATURE",
  examples: ["skopeo standalone-sign manifest.json example.com/app:1 1D8230F6CDB6A06716E414C1DB72F2188BB46CC8 -o app.signature"],
  flags: {
    output: { type: "string", short: "o", description: "output the signature to `SIGNATURE`" },
    "passphrase-file": { type: "string", description: "file that contains a passphrase for the --sign-by key" },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: async ({ flags, args }) => {
    const [manifestPath, reference, key, more] = args;
    if (manifestPath === undefined || reference === undefined || key === undefined || more !== undefined || !flags.output) {
      throw new ToolError("invalid-argument", "Usage: skopeo standalone-sign manifest docker-reference key-fingerprint -o signature");
    }
    const manifest = readInput(manifestPath, `Error reading ${manifestPath}`);
    const how = { key, passphraseFile: flags.passphraseFile || undefined, creator: `skopeo ${skopeoVersion}` };
    let signature: Uint8Array;
    try {
      signature = await signManifest(manifest, parseNormalizedName(reference), how);
    } catch (error) {
      throw wrapError("Error creating signature", error);
    }
    try {
      writeFileSync(flags.output, signature, { mode: 0o644 });
    } catch (error) {
      throw wrapError(`Error writing signature to ${flags.output}`, error);
    }
    return undefined;
  },
});

/** A file that the user named. */
export function readInput(path: string, what: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrapError(what, error);
  }
}
