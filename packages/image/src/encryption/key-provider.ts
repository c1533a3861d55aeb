import { readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { GrpcTls } from "@containers/common/http/grpc";
import { run } from "@containers/common/process/run";
import { type KeyUnwrapper, type KeyWrapper, keysAnnotation } from "./key-wrapping.ts";

/** Programs and servers that wrap keys in their own way, spoken to with JSON (ocicrypt's key provider protocol). */
export interface KeyProvider {
  readonly name: string;
  /** Is given the request on its standard input. */
  readonly command?: { readonly path: string; readonly args: readonly string[] } | undefined;
  /** Is asked where there is no command. */
  readonly server?: { readonly address: string; readonly tls?: ServerTls | undefined } | undefined;
}

/** Files, as the configuration names them. */
interface ServerTls {
  readonly "root-ca-file"?: string;
  readonly "cert-file"?: string;
  readonly "key-file"?: string;
  readonly "server-name"?: string;
  readonly "insecure-skip-verify"?: boolean;
}

/** Parameters by name, each a list of values in base64: how the protocol hands over what the user named. */
export type ProviderParameters = Readonly<Record<string, readonly string[]>>;

/**
 * The providers that the file of OCICRYPT_KEYPROVIDER_CONFIG names; none without it.
 *
 * @throws invalid-argument when the file is malformed
 */
export function loadKeyProviders(env: Readonly<Record<string, string | undefined>> = process.env): readonly KeyProvider[] {
  const path = env["OCICRYPT_KEYPROVIDER_CONFIG"] ?? "";
  if (path === "") return [];
  try {
    const config = JSON.parse(readFileSync(path, "utf8")) as { readonly "key-providers"?: Readonly<Record<string, ProviderSettings>> };
    return Object.entries(config["key-providers"] ?? {}).map(([name, { cmd, grpc, "grpc-tls": tls }]) => ({
      name,
      command: typeof cmd?.path === "string" ? { path: cmd.path, args: cmd.args ?? [] } : undefined,
      server: typeof grpc === "string" && grpc !== "" ? { address: grpc, tls } : undefined,
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw wrapError(`Error while parsing keyprovider config file ${path}`, error);
  }
}

interface ProviderSettings {
  readonly cmd?: { readonly path?: unknown; readonly args?: readonly string[] };
  readonly grpc?: unknown;
  readonly "grpc-tls"?: ServerTls;
}

/** Wraps with a provider; `parameters` are the recipients of every kind, which providers are all told. */
export function providerWrapper(provider: KeyProvider, parameters: ProviderParameters): KeyWrapper {
  return {
    annotation: keysAnnotation(`provider.${provider.name}`),
    async wrap(secret) {
      const answer = await ask(provider, {
        op: "keywrap",
        keywrapparams: { ec: { Parameters: parameters, DecryptConfig: { Parameters: {} } }, optsdata: base64(secret) },
        keyunwrapparams: { dc: null, annotation: null },
      });
      return resultOf(answer, "keywrapresults", "annotation");
    },
  };
}

/** Opens with a provider, which may know keys that the user does not name. */
export function providerUnwrapper(provider: KeyProvider, parameters: ProviderParameters): KeyUnwrapper {
  return {
    annotation: keysAnnotation(`provider.${provider.name}`),
    hasKeys: false,
    async unwrap(wrapped) {
      const answer = await ask(provider, {
        op: "keyunwrap",
        keywrapparams: { ec: null, optsdata: null },
        keyunwrapparams: { dc: { Parameters: parameters }, annotation: base64(wrapped) },
      });
      return resultOf(answer, "keyunwrapresults", "optsdata");
    },
  };
}

interface ProviderRequest {
  readonly op: "keywrap" | "keyunwrap";
  readonly keywrapparams: object;
  readonly keyunwrapparams: object;
}

async function ask(provider: KeyProvider, request: ProviderRequest): Promise<unknown> {
  const { name, command, server } = provider;
  const place = command?.path ?? server?.address;
  if (place === undefined)
    throw new ToolError(
      "invalid-argument",
      `key provider ${name}: Unsupported keyprovider invocation. Supported invocation methods are grpc and cmd`,
    );
  const answer = command === undefined ? await askServer(provider, request) : await askCommand(name, command, request);
  try {
    return JSON.parse(Buffer.from(answer).toString("utf8"));
  } catch (error) {
    throw new ToolError("corrupt", `key provider ${name}: ${place} did not answer with JSON`, { cause: error });
  }
}

async function askCommand(name: string, command: NonNullable<KeyProvider["command"]>, request: object): Promise<Uint8Array> {
  const { exitCode, stdout, stderr } = await run(command.path, command.args, { input: JSON.stringify(request) });
  if (exitCode === 0) return stdout;
  const said = stderr.toString("utf8").trim();
  throw new ToolError("unavailable", `key provider ${name}: ${command.path} exited with ${exitCode}${said === "" ? "" : `: ${said}`}`);
}

/** Over gRPC: each message has the JSON as its only field. */
async function askServer({ name, server }: KeyProvider, request: ProviderRequest): Promise<Uint8Array> {
  const { callGrpc } = await import("@containers/common/http/grpc");
  const method = `/keyprovider.KeyProviderService/${request.op === "keywrap" ? "WrapKey" : "UnWrapKey"}`;
  try {
    const target = { address: server?.address ?? "", tls: server?.tls === undefined ? undefined : readTls(server.tls) };
    return fieldOf(await callGrpc(target, method, message(Buffer.from(JSON.stringify(request)))));
  } catch (error) {
    throw wrapError(`key provider ${name}`, error);
  }
}

function readTls(files: ServerTls): GrpcTls {
  const read = (path: string | undefined): string | undefined =>
    path === undefined || path === "" ? undefined : readFileSync(path, "utf8");
  const { "server-name": servername, "insecure-skip-verify": trusting = false } = files;
  return {
    ca: read(files["root-ca-file"]),
    cert: read(files["cert-file"]),
    key: read(files["key-file"]),
    ...(servername ? { servername } : {}),
    rejectUnauthorized: !trusting,
  };
}

/** A message of protobuf whose field 1 these bytes are. */
function message(bytes: Uint8Array): Uint8Array {
  const length: number[] = [];
  let rest = bytes.length;
  for (; rest > 0x7f; rest >>>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([FIELD_1, ...length, rest]), bytes]);
}

/** What a message has as field 1. */
function fieldOf(bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== FIELD_1) throw new ToolError("corrupt", "the server's answer is not a message of key providers");
  let length = 0;
  let at = 1;
  for (let shift = 0; at < bytes.length; shift += 7) {
    const byte = bytes[at++] ?? 0;
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  if (at + length > bytes.length) throw new ToolError("corrupt", "the server's answer is cut off");
  return bytes.subarray(at, at + length);
}

/** Field 1, of a length that follows. */
const FIELD_1 = 0x0a;

function resultOf(answer: unknown, section: string, field: string): Uint8Array {
  const value = (answer as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | null)?.[section]?.[field];
  if (typeof value !== "string") throw new ToolError("corrupt", `the key provider's answer lacks ${section}.${field}`);
  return Buffer.from(value, "base64");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
