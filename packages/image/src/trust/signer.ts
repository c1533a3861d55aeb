import { readFileSync, writeSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { isNameOnly, type NamedReference } from "../reference/reference.ts";

/** What a copy is to be signed with; several keys make several signatures. */
export interface SigningKeys {
  /** Fingerprint of a gpg key, or whatever else gpg takes for a key's name. */
  readonly gpgKey?: string;
  /** File of a sigstore private key. */
  readonly sigstoreKeyFile?: string;
  /** Parameter file: containers-sigstore-signing-params.yaml(5). */
  readonly sigstoreParameterFile?: string;
  /** A file whose first line is the passphrase of gpgKey or sigstoreKeyFile; default: the user is asked. */
  readonly passphraseFile?: string;
  /** Written into the signature: who made it. */
  readonly creator: string;
}

/** What a signature by Sequoia-PGP is refused with, as by the original where it is built without. */
export function sequoiaRefusal(using: string): ToolError {
  return new ToolError("unsupported", `${using} --sign-by-sq-fingerprint: Sequoia-PGP support is not enabled in this build`, {
    hint: "sign with gpg: --sign-by",
  });
}

/** Signs a manifest; `tell` is given a line before each signature. */
export type Signer = (manifest: Uint8Array, tell?: (line: string) => void) => Promise<readonly Uint8Array[]>;

interface OneSigner {
  readonly message: string;
  sign(manifest: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

const SIMPLE = "Signing image using simple signing";
const SIGSTORE = "Signing image using a sigstore signature";

/**
 * The function that a copy signs with; undefined when there is nothing to sign with.
 *
 * @param identity the name to sign for; undefined when the destination has none and nobody said one
 * @throws invalid-argument; denied for a wrong passphrase
 */
export async function openSigner(
  identity: NamedReference | undefined,
  keys: SigningKeys,
  destination: string,
): Promise<Signer | undefined> {
  const { gpgKey, sigstoreKeyFile, sigstoreParameterFile, passphraseFile, creator } = keys;
  if (gpgKey === undefined && sigstoreKeyFile === undefined && sigstoreParameterFile === undefined) return undefined;
  if (gpgKey !== undefined && sigstoreKeyFile !== undefined && passphraseFile !== undefined) {
    throw new ToolError(
      "invalid-argument",
      "Only one of --sign-by, --sign-by-sq-fingerprint and --sign-by-sigstore-private-key can be used with --sign-passphrase-file",
    );
  }
  const name = signingIdentity(identity, destination);
  const signers: OneSigner[] = [];
  if (sigstoreParameterFile !== undefined) {
    try {
      signers.push({ message: SIGSTORE, sign: await parameterSigner(name, sigstoreParameterFile, creator) });
    } catch (error) {
      throw wrapError("Error using --sign-by-sigstore", error);
    }
  }
  if (gpgKey !== undefined) {
    const { signManifest } = await import("./simple-signing/sign.ts");
    signers.push({ message: SIMPLE, sign: (manifest) => signManifest(manifest, name, { key: gpgKey, passphraseFile, creator }) });
  }
  if (sigstoreKeyFile !== undefined) {
    const { keyMaterial, sigstoreSigner } = await import("./sigstore/sign.ts");
    const material = keyMaterial(sigstoreKeyFile, await passphraseOf(sigstoreKeyFile, passphraseFile));
    signers.push({ message: SIGSTORE, sign: sigstoreSigner(name, material, { creator }) });
  }
  return (manifest, tell) => signAll(signers, manifest, tell);
}

async function signAll(signers: readonly OneSigner[], manifest: Uint8Array, tell?: (line: string) => void): Promise<Uint8Array[]> {
  const signatures: Uint8Array[] = [];
  for (const [index, { message, sign }] of signers.entries()) {
    const number = signers.length === 1 ? "" : ` ${index + 1}`;
    tell?.(`Creating signature${number}: ${message}`);
    try {
      signatures.push(await sign(manifest));
    } catch (error) {
      throw wrapError(`creating signature${number}`, error);
    }
  }
  return signatures;
}

async function parameterSigner(
  name: NamedReference,
  path: string,
  creator: string,
): Promise<(manifest: Uint8Array) => Promise<Uint8Array>> {
  const [{ loadSigstoreParameters }, { fulcioMaterial, keyMaterial, sigstoreSigner }] = await Promise.all([
    import("./sigstore/parameters.ts"),
    import("./sigstore/sign.ts"),
  ]);
  const { key, rekorUrl } = loadSigstoreParameters(path);
  const material =
    "fulcio" in key ? await fulcioMaterial(key.fulcio) : keyMaterial(key.file, await passphraseOf(key.file, key.passphraseFile));
  return sigstoreSigner(name, material, { creator, ...(rekorUrl === undefined ? {} : { rekorUrl }) });
}

/**
 * The passphrase of a key: the first line of the file, else what the user types.
 *
 * @throws invalid-argument when there is neither
 */
export async function passphraseOf(keyFile: string, passphraseFile: string | undefined): Promise<string> {
  if (passphraseFile !== undefined) {
    try {
      return readFileSync(passphraseFile, "utf8").split("\n", 1)[0] ?? "";
    } catch (error) {
      throw wrapError(`reading passphrase file ${passphraseFile}`, error);
    }
  }
  const [{ terminalPrompt }, { isTerminal }] = await Promise.all([import("../auth/prompt.ts"), import("@containers/common/cli/output")]);
  if (!isTerminal(0)) {
    throw new ToolError("invalid-argument", `Cannot prompt for a passphrase for key ${keyFile}, standard input is not a TTY`, {
      hint: "name a file that holds it",
    });
  }
  return terminalPrompt((text) => writeSync(1, text)).readSecret(`Passphrase for key ${keyFile}: `);
}

function signingIdentity(identity: NamedReference | undefined, destination: string): NamedReference {
  if (identity === undefined) {
    throw new ToolError("invalid-argument", `Cannot determine canonical Docker reference for destination ${destination}`, {
      hint: "name it with --sign-identity",
    });
  }
  if (isNameOnly(identity)) throw new ToolError("invalid-argument", `Sign identity must be a fully specified reference ${identity}`);
  return identity;
}
