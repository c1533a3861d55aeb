import { closeSync, readFileSync, readSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { type Certificate, parseCertificate } from "../trust/x509/certificate.ts";
import { layerDecryptor } from "./decryptor.ts";
import { layerEncryptor } from "./encryptor.ts";
import { type JweRecipient, jweUnwrapper, jweWrapper, parseRecipient } from "./jwe.ts";
import { loadKeyProviders, type ProviderParameters, providerUnwrapper, providerWrapper } from "./key-provider.ts";
import type { KeyWrapper } from "./key-wrapping.ts";
import type { LayerDecryptor, LayerEncryptor } from "./layer-crypt.ts";
import { isSecretKeyRing, pgpUnwrapper, pgpWrapper, type SecretKeyRing } from "./pgp.ts";
import { pkcs7Unwrapper, pkcs7Wrapper } from "./pkcs7.ts";
import { type PrivateKey, parsePrivateKey } from "./private-key.ts";

/**
 * What encrypts for the recipients of `--encryption-key`: `jwe:PUBLIC-KEY-FILE`, `pkcs7:CERTIFICATE-FILE`, `pgp:NAME`, `provider:NAME[:VALUE]`.
 *
 * @throws invalid-argument; not-found for a file that is missing; unsupported for pkcs11
 */
export function openEncryptor(recipients: readonly string[]): LayerEncryptor {
  const jwe: JweRecipient[] = [];
  const certificates: Certificate[] = [];
  const names: string[] = [];
  const providers: string[] = [];
  for (const recipient of recipients) {
    const [protocol, value] = splitOnce(recipient);
    if (value === undefined) throw new ToolError("invalid-argument", "Invalid recipient format", { hint: "write it as jwe:FILE" });
    if (protocol === "jwe") jwe.push(publicKeyOf(value));
    else if (protocol === "pkcs7") certificates.push(certificateOf(value));
    else if (protocol === "pgp") names.push(value);
    else if (protocol === "provider") providers.push(value);
    else if (protocol === "pkcs11") throw new ToolError("unsupported", `pkcs11 keys are not supported: ${recipient}`);
    else throw new ToolError("invalid-argument", "Provided protocol not recognized", { hint: "use jwe, pkcs7, pgp or provider" });
  }
  return layerEncryptor([
    ...(jwe.length > 0 ? [jweWrapper(jwe)] : []),
    ...(certificates.length > 0 ? [pkcs7Wrapper(certificates)] : []),
    ...(names.length > 0 ? [pgpWrapper(names)] : []),
    ...providerWrappers(providers),
  ]);
}

function publicKeyOf(path: string): JweRecipient {
  const recipient = parseRecipient(readKeyFile(path));
  if (recipient === undefined) throw new ToolError("invalid-argument", `File provided is not a public key: ${path}`);
  return recipient;
}

function certificateOf(path: string): Certificate {
  const certificate = tryCertificate(readKeyFile(path));
  if (certificate === undefined) throw new ToolError("invalid-argument", `File provided is not an x509 cert: ${path}`);
  return certificate;
}

/** A provider that nobody configured would lose a recipient without a word. */
function providerWrappers(named: readonly string[]): readonly KeyWrapper[] {
  const parameters = providerParameters(named);
  const configured = named.length === 0 ? [] : loadKeyProviders();
  return Object.keys(parameters).map((name) => {
    const provider = configured.find((other) => other.name === name);
    if (provider === undefined) {
      throw new ToolError("not-found", `no key provider ${name} is configured`, {
        hint: "name it in the file that OCICRYPT_KEYPROVIDER_CONFIG points to",
      });
    }
    return providerWrapper(provider, parameters);
  });
}

/**
 * What decrypts with the keys of `--decryption-key`: files with private keys, their certificates or rings of gpg's, `FILE[:PASSPHRASE]` (or
 * `:file=PATH`, `:fd=N`, `:pass=TEXT`), and `provider:NAME[:VALUE]`. Files that hold none of these are passed over, as by the original.
 *
 * @throws not-found for a file that is missing; denied for a passphrase that is missing or wrong
 */
export function openDecryptor(keys: readonly string[]): LayerDecryptor {
  const privateKeys: PrivateKey[] = [];
  const certificates: Certificate[] = [];
  const rings: SecretKeyRing[] = [];
  const providers: string[] = [];
  for (const key of keys) {
    if (key.startsWith("provider:")) {
      providers.push(key.slice("provider:".length));
      continue;
    }
    const [path, secret] = splitOnce(key);
    const bytes = readKeyFile(path);
    const passphrase = secret === undefined ? undefined : passphraseOf(secret);
    const certificate = tryCertificate(bytes);
    const privateKey = parsePrivateKey(bytes, passphrase);
    if (certificate !== undefined) certificates.push(certificate);
    if (privateKey !== undefined) privateKeys.push(privateKey);
    else if (isSecretKeyRing(bytes)) rings.push({ bytes, passphrase });
  }
  const parameters = providerParameters(providers);
  return layerDecryptor([
    ...(privateKeys.length > 0 ? [jweUnwrapper(privateKeys), pkcs7Unwrapper(privateKeys, certificates)] : []),
    ...(rings.length > 0 ? [pgpUnwrapper(rings)] : []),
    ...loadKeyProviders().map((provider) => providerUnwrapper(provider, parameters)),
  ]);
}

function providerParameters(named: readonly string[]): ProviderParameters {
  const parameters: Record<string, string[]> = {};
  for (const text of named) {
    const [name, value = "Enabled"] = splitOnce(text);
    (parameters[name] ??= []).push(Buffer.from(value).toString("base64"));
  }
  return parameters;
}

function passphraseOf(text: string): string {
  if (text.startsWith("pass=")) return text.slice("pass=".length);
  if (text.startsWith("file=")) return readKeyFile(text.slice("file=".length)).toString("utf8");
  if (text.startsWith("fd=")) return readDescriptor(text.slice("fd=".length));
  return text;
}

function readDescriptor(text: string): string {
  const fd = Number(text);
  if (!Number.isInteger(fd) || fd < 0) throw new ToolError("invalid-argument", `could not parse file descriptor ${text}`);
  try {
    const buffer = Buffer.alloc(64);
    const length = readSync(fd, buffer);
    closeSync(fd);
    return buffer.toString("utf8", 0, length);
  } catch (error) {
    throw wrapError(`could not read from file descriptor ${text}`, error);
  }
}

function readKeyFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw wrapError(`Unable to read file ${path}`, error);
  }
}

function tryCertificate(bytes: Uint8Array): Certificate | undefined {
  try {
    return parseCertificate(bytes);
  } catch {
    return undefined;
  }
}

function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.indexOf(":");
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
