import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { run } from "@containers/common/process/run";
import { gpgProgram, statusLines, withGpgHome } from "./gpg.ts";

/**
 * Encrypts for keys of the user's keyring, in the old format that every OpenPGP program reads.
 *
 * @throws not-found for a recipient without a key
 */
export async function gpgEncrypt(content: Uint8Array, recipients: readonly string[]): Promise<Uint8Array> {
  const names = recipients.flatMap((recipient) => ["--recipient", recipient]);
  const format = ["--rfc4880", "--cipher-algo", "AES256", "--compress-algo", "none"];
  const args = ["--batch", "--no-tty", "--status-fd", "2", "--trust-model", "always", ...format, ...names, "--output", "-", "--encrypt"];
  const { exitCode, stdout, stderr } = await run(gpgProgram(), args, { input: content });
  if (exitCode === 0) return stdout;
  const unknown = statusLines(stderr).filter(([word]) => word === "INV_RECP");
  if (unknown.length === 0) throw new ToolError("denied", `gpg exited with ${exitCode}: ${stderr.toString("utf8").trim()}`);
  const listed = unknown.map((words) => words.slice(2).join(" ")).join(", ");
  throw new ToolError("not-found", `PGP: No key found for the following recipients: ${listed}`);
}

/** Decrypts with the secret keys of a ring, in a directory of its own; undefined when none of them fits or the passphrase is wrong. */
export async function gpgDecrypt(message: Uint8Array, ring: Uint8Array, passphrase: string | undefined): Promise<Uint8Array | undefined> {
  return withGpgHome(async (home) => {
    // The agent reads the passphrase from a file: a descriptor would be one more thing to hand down.
    const common = ["--homedir", home, "--batch", "--no-tty", "--no-options", "--status-fd", "2", "--pinentry-mode", "loopback"];
    const secret = await passphraseOption(home, passphrase ?? "");
    try {
      const imported = await run(gpgProgram(), [...common, ...secret, "--import"], { input: ring });
      if (!statusLines(imported.stderr).some(([word]) => word === "IMPORT_OK")) return undefined;
      const { exitCode, stdout } = await run(gpgProgram(), [...common, ...secret, "--output", "-", "--decrypt"], { input: message });
      return exitCode === 0 ? stdout : undefined;
    } finally {
      const gpgconf = findExecutable("gpgconf");
      if (gpgconf !== undefined) await run(gpgconf, ["--homedir", home, "--kill", "gpg-agent"]);
    }
  });
}

async function passphraseOption(home: string, passphrase: string): Promise<readonly string[]> {
  const { writeFile } = await import("node:fs/promises");
  const path = `${home}/passphrase`;
  await writeFile(path, passphrase, { mode: 0o600 });
  return ["--passphrase-file", path];
}
