import { readFileSync } from "node:fs";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { run } from "@containers/common/process/run";
import { type KeyUnwrapper, type KeyWrapper, keysAnnotation } from "./key-wrapping.ts";

/** Programs that wrap keys in their own way, spoken to with JSON on their standard input and output (ocicrypt's key provider protocol). */
export interface KeyProvider {
  readonly name: string;
  /** undefined for a provider that is reached otherwise (gRPC). */
  readonly command: { readonly path: string; readonly args: readonly string[] } | undefined;
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
    return Object.entries(config["key-providers"] ?? {}).map(([name, { cmd }]) => ({
      name,
      command: typeof cmd?.path === "string" ? { path: cmd.path, args: cmd.args ?? [] } : undefined,
    }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw wrapError(`Error while parsing keyprovider config file ${path}`, error);
  }
}

interface ProviderSettings {
  readonly cmd?: { readonly path?: unknown; readonly args?: readonly string[] };
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

async function ask({ name, command }: KeyProvider, request: unknown): Promise<unknown> {
  if (command === undefined) {
    throw new ToolError("unsupported", `key provider ${name}: only providers with a command ("cmd") are supported, not gRPC`);
  }
  const { exitCode, stdout, stderr } = await run(command.path, command.args, { input: JSON.stringify(request) });
  if (exitCode !== 0) {
    const said = stderr.toString("utf8").trim();
    throw new ToolError("unavailable", `key provider ${name}: ${command.path} exited with ${exitCode}${said === "" ? "" : `: ${said}`}`);
  }
  try {
    return JSON.parse(stdout.toString("utf8"));
  } catch (error) {
    throw new ToolError("corrupt", `key provider ${name}: ${command.path} did not answer with JSON`, { cause: error });
  }
}

function resultOf(answer: unknown, section: string, field: string): Uint8Array {
  const value = (answer as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>> | null)?.[section]?.[field];
  if (typeof value !== "string") throw new ToolError("corrupt", `the key provider's answer lacks ${section}.${field}`);
  return Buffer.from(value, "base64");
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
