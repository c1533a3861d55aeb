import { existsSync, rmSync, writeFileSync } from "node:fs";
import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { passphraseOf } from "@containers/image/trust/signer";

/** `skopeo generate-sigstore-key`. */
export const generateSigstoreKeyCommand = defineCommand({
  name: "generate-sigstore-key",
  summary: "Generate a sigstore public/private key pair",
  usage: "--output-prefix PREFIX",
  examples: ["skopeo generate-sigstore-key --output-prefix my-key"],
  flags: {
    "output-prefix": { type: "string", description: "Write the keys to `PREFIX`.pub and `PREFIX`.private" },
    "passphrase-file": { type: "string", description: "Read a passphrase for the private key from `PATH`" },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: async ({ flags, args, out }) => {
    const prefix = flags.outputPrefix;
    if (args.length > 0 || !prefix) throw new ToolError("invalid-argument", "Usage: generate-sigstore-key --output-prefix PREFIX");
    const [publicPath, privatePath] = [`${prefix}.pub`, `${prefix}.private`];
    for (const path of [publicPath, privatePath]) {
      if (existsSync(path)) throw new ToolError("already-exists", `Refusing to overwrite existing "${path}"`);
    }
    const passphrase = await passphraseOf(privatePath, flags.passphraseFile || undefined);
    const { generateSigstoreKey } = await import("@containers/image/trust/sigstore/private-key");
    const { privateKey, publicKey } = generateSigstoreKey(passphrase);
    write(privatePath, privateKey, 0o600);
    try {
      write(publicPath, publicKey, 0o644);
    } catch (error) {
      // One key without the other is of no use.
      rmSync(privatePath, { force: true });
      throw error;
    }
    out.stdout(`Key written to "${privatePath}" and "${publicPath}"\n`);
    return undefined;
  },
});

/** A file that must not be there yet. */
function write(path: string, text: string, mode: number): void {
  try {
    writeFileSync(path, text, { mode, flag: "wx" });
  } catch (error) {
    throw wrapError(`Error writing key to "${path}"`, error);
  }
}
