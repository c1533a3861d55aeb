import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { run } from "@containers/common/process/run";

/** What gpg found in a signature that it could verify. */
export interface VerifiedMessage {
  readonly content: Uint8Array;
  /** Of the key that signed, a subkey perhaps, and of the primary key it belongs to; upper-case hex. */
  readonly fingerprint: string;
  readonly primaryFingerprint: string;
}

/** A keyring to verify with. */
export interface Keyring {
  /** The keys that were put in; empty for the user's own keyring. */
  readonly fingerprints: readonly string[];
  /** @throws denied when the signature is not exactly one good signature by a key of the ring */
  verify(signature: Uint8Array): Promise<VerifiedMessage>;
}

const COMMON = ["--batch", "--no-tty", "--no-options", "--no-autostart", "--status-fd", "2", "--logger-file", "/dev/null"];
/** Signatures are small: what is larger is none. */
const MAX_SIGNATURE_BYTES = 4 << 20;

/** Calls `use` with a keyring that holds just these keys, in a directory of its own, so that the user's keys have no say. */
export async function withKeyring<T>(keys: readonly Uint8Array[], use: (keyring: Keyring) => Promise<T>): Promise<T> {
  return await withGpgHome(async (home) => {
    const fingerprints: string[] = [];
    for (const key of keys) fingerprints.push(...(await importKeys(home, key)));
    return await use({ fingerprints, verify: (signature) => verify(["--homedir", home], signature) });
  });
}

/** Calls `use` with a gpg directory of its own, which is removed afterwards. */
export async function withGpgHome<T>(use: (home: string) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), "containers-gpg-"));
  try {
    return await use(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** The user's own keyring. */
export function userKeyring(): Keyring {
  return { fingerprints: [], verify: (signature) => verify([], signature) };
}

/**
 * Signs with a secret key of the user's, asking the user's agent for it.
 *
 * @returns an OpenPGP message with the content inside
 * @throws not-found when there is no such secret key; denied when the agent does not let it be used
 */
export async function gpgSign(content: Uint8Array, key: string, passphraseFile?: string): Promise<Uint8Array> {
  const passphrase = passphraseFile === undefined ? [] : ["--pinentry-mode", "loopback", "--passphrase-file", passphraseFile];
  const tty = process.env["GPG_TTY"] === undefined ? ["--no-tty"] : [];
  const args = ["--batch", ...tty, "--status-fd", "2", ...passphrase, "--local-user", key, "--output", "-", "--sign"];
  const { exitCode, stdout, stderr } = await run(gpgProgram(), args, { input: content });
  if (exitCode === 0) return stdout;
  const text = stderr.toString("utf8");
  const reason = text
    .split("\n")
    .filter((line) => line.startsWith("gpg: "))
    .map((line) => line.slice("gpg: ".length))
    .join("; ");
  const missing = text.includes("INV_SGNR") || text.includes("No secret key");
  throw new ToolError(
    missing ? "not-found" : "denied",
    `signing with key "${key}": ${reason === "" ? `gpg exited with ${exitCode}` : reason}`,
  );
}

/** The mail addresses (or names) of the keys in some bytes; none where gpg finds none. */
export async function gpgKeyNames(keys: Uint8Array): Promise<readonly string[]> {
  const { stdout } = await withGpgHome((home) =>
    run(gpgProgram(), ["--homedir", home, ...COMMON, "--with-colons", "--show-keys"], { input: keys }),
  );
  return stdout
    .toString("utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .filter(([kind]) => kind === "uid" || kind === "pub")
    .map((fields) => fields[9] ?? "")
    .filter((name) => name !== "")
    .map((name) => /<([^>]*)>/.exec(name)?.[1] ?? name);
}

async function importKeys(home: string, keys: Uint8Array): Promise<readonly string[]> {
  const { stderr } = await run(gpgProgram(), ["--homedir", home, ...COMMON, "--import"], { input: keys });
  return statusLines(stderr)
    .filter(([word]) => word === "IMPORT_OK")
    .map((words) => words[2] ?? "");
}

async function verify(keyring: readonly string[], signature: Uint8Array): Promise<VerifiedMessage> {
  if (signature.length > MAX_SIGNATURE_BYTES) throw refused(`the signature has ${signature.length} bytes`);
  const { exitCode, stdout, stderr } = await run(gpgProgram(), [...keyring, ...COMMON, "--output", "-", "--verify", "-"], {
    input: signature,
  });
  const lines = statusLines(stderr);
  const count = (word: string): number => lines.filter(([first]) => first === word).length;
  const bad = lines.find(([word]) =>
    ["BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NODATA", "UNEXPECTED", "FAILURE"].includes(word ?? ""),
  );
  if (bad !== undefined) throw refused(explain(bad));
  const valid = lines.find(([word]) => word === "VALIDSIG");
  // Exactly one signature over exactly one content: of more, nobody could say which one was meant.
  const single = count("NEWSIG") === 1 && count("VALIDSIG") === 1 && count("GOODSIG") === 1 && count("PLAINTEXT") === 1;
  const fingerprint = valid?.[1];
  if (exitCode !== 0 || !single || fingerprint === undefined) throw refused("it is not one good signature");
  return { content: stdout, fingerprint, primaryFingerprint: valid?.[10] ?? fingerprint };
}

/** What a signature says and which key it claims, without any check that it is true: to be looked at, never to be acted on. */
export async function readUnverified(signature: Uint8Array): Promise<{ readonly content: Uint8Array; readonly keyId: string }> {
  return await withGpgHome(async (home) => {
    const args = ["--homedir", home, ...COMMON, "--output", "-", "--decrypt"];
    const { stdout, stderr } = await run(gpgProgram(), args, { input: signature });
    const keyId = statusLines(stderr).find(([word]) => word === "ERRSIG")?.[1];
    if (keyId === undefined) throw refused("it is not one signature around a text");
    return { content: stdout, keyId };
  });
}

function explain([word, key = ""]: readonly string[]): string {
  const reasons: Readonly<Record<string, string>> = {
    BADSIG: `it does not fit what it signs (key ${key})`,
    ERRSIG: `no public key ${key} is trusted for this image, or the signature's algorithm is not known`,
    EXPSIG: `it has expired (key ${key})`,
    EXPKEYSIG: `its key ${key} has expired`,
    REVKEYSIG: `its key ${key} was revoked`,
    NODATA: "it is no OpenPGP message",
  };
  return reasons[word ?? ""] ?? "it is malformed";
}

function refused(reason: string): ToolError {
  return new ToolError("denied", `invalid GPG signature: ${reason}`, { code: "signature-invalid" });
}

/** gpg's own protocol: what it says to humans goes elsewhere, so that nothing in a signature can look like a status. */
export function statusLines(output: Buffer): readonly (readonly string[])[] {
  const prefix = "[GNUPG:] ";
  return output
    .toString("utf8")
    .split("\n")
    .filter((line) => line.startsWith(prefix))
    .map((line) => line.slice(prefix.length).split(" "));
}

/** @throws unavailable when gpg is missing */
export function gpgProgram(): string {
  const program = findExecutable("gpg") ?? findExecutable("gpg2");
  if (program !== undefined) return program;
  throw new ToolError("unavailable", "signatures need the program gpg, which is missing", { hint: "install the package gnupg (gpg)" });
}
