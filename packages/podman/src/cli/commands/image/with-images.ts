import { existsSync } from "node:fs";
import { defineFlags, type Invocation } from "@containers/common/cli/define-command";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { type ContainersConf, loadContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { decryptionKeysOf } from "@containers/image/encryption/choose";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import type { RegistryAccess } from "@containers/image/transports/transport";
import type { Engine } from "../../../engine/engine.ts";
import type { Service } from "../../../remote/service.ts";
import { localEngine, onSide } from "../../on-side.ts";

/** Flags of the commands that reach a registry. */
export const registryFlags = defineFlags({
  authfile: { type: "string", description: "Path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override" },
  "cert-dir": { type: "string", description: "`Pathname` of a directory containing TLS certificates and keys" },
  creds: { type: "string", description: "`Credentials` (USERNAME:PASSWORD) to use for authenticating to a registry" },
  "tls-verify": { type: "bool", default: true, description: "Require HTTPS and verify certificates when contacting registries" },
});

/** Flags of what is tried again; `deed` is `pull` or `push`. */
export function retryFlagsFor(deed: "pull" | "push") {
  return defineFlags({
    retry: {
      type: "uint",
      description: `number of times to retry in case of failure when performing ${deed}`,
      configuredDefault: () => loadContainersConf().engine.retry,
    },
    "retry-delay": {
      type: "string",
      description: `delay between retries in case of ${deed} failures`,
      configuredDefault: () => loadContainersConf().engine.retryDelay,
    },
  });
}

/** The flags' numbers; what was not given is containers.conf's, where `config` is. The delay is in milliseconds. */
export function retriesOf(
  values: { readonly retry: number | undefined; readonly retryDelay: string | undefined },
  config?: Pick<ContainersConf, "engine">,
): { readonly retries: number | undefined; readonly retryDelay: number | undefined } {
  const delay = values.retryDelay ?? config?.engine.retryDelay ?? "";
  return { retries: values.retry ?? config?.engine.retry, retryDelay: delay === "" ? undefined : delayOf(delay) };
}

function delayOf(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new ToolError("invalid-argument", (error as Error).message);
  }
}

/** Hidden everywhere: the policy file for this one command. */
export const signaturePolicyFlag = defineFlags({
  "signature-policy": { type: "string", hidden: true, description: "`Pathname` of signature policy file (not usually used)" },
});

export const quietFlag = defineFlags({ quiet: { type: "bool", short: "q", description: "Suppress output information" } });

/** An image command at work. */
export interface ImageCommand {
  readonly engine: Engine;
  readonly images: LocalImages;
}

/**
 * Runs an image command's body with the store open and registries reached as its flags say; a number is the exit code. Progress goes to standard error
 * unless `--quiet`; SIGINT and SIGTERM cancel what is under way.
 */
export async function withImages<V>(
  invocation: Invocation<V>,
  body: (command: ImageCommand) => Promise<unknown>,
): Promise<number | undefined> {
  const code = await atImages(invocation, body);
  return typeof code === "number" ? code : undefined;
}

/** The two ways of one deed with images; both give the same report. */
export interface ImageWays<T> {
  local(command: ImageCommand): Promise<T>;
  remote(service: Service, deeds: typeof import("../../../remote/images/deeds.ts")): Promise<T>;
}

/** Does the deed where the command line wants it done; here as {@link withImages} does. */
export function onImages<T, V>(invocation: Invocation<V>, ways: ImageWays<T>): Promise<T> {
  return onSide(invocation, {
    local: () => atImages(invocation, ways.local),
    remote: async (service) => ways.remote(service, await import("../../../remote/images/deeds.ts")),
  });
}

/** What takes a service's progress: standard error unless `--quiet`. */
export function progressOf<V>(invocation: Invocation<V>): ((text: string) => void) | undefined {
  const flags = invocation.flags as Readonly<Record<string, unknown>>;
  return flags["quiet"] === true ? undefined : invocation.out.stderr;
}

async function atImages<T, V>(invocation: Invocation<V>, body: (command: ImageCommand) => Promise<T>): Promise<T> {
  const engine = localEngine(invocation);
  const controller = new AbortController();
  const stop = (): void => controller.abort(new ToolError("cancelled", "cancelled"));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    return await body({ engine, images: localImages(engine, invocation, controller.signal) });
  } finally {
    process.off("SIGINT", stop);
    process.off("SIGTERM", stop);
  }
}

function localImages<V>(engine: Engine, invocation: Invocation<V>, signal: AbortSignal): LocalImages {
  const flags = invocation.flags as Readonly<Record<string, unknown>>;
  const quiet = flags["quiet"] === true;
  return {
    get store() {
      return engine.store;
    },
    registry: { ...engine.images.registry, ...registryAccess(invocation) },
    signal,
    policyPath: text(flags["signaturePolicy"]) ?? engine.images.policyPath,
    ...decryptionKeysOf(flags["decryptionKey"]),
    temporaryDirectory: engine.images.temporaryDirectory,
    parallelCopies: engine.images.parallelCopies,
    retryDelay: engine.images.retryDelay,
    warn: engine.warn,
    debug: engine.debug,
    compressionDefaults: engine.images.compressionDefaults,
    progress: quiet ? undefined : async () => (await import("@containers/image/copy/progress")).progressFor(2),
    report: quiet ? undefined : (line) => invocation.out.stderr(`${line}\n`),
  };
}

/** What {@link registryFlags} say; absent flags leave the engine's defaults. */
export function registryAccess<V>(invocation: Invocation<V>): RegistryAccess {
  const flags = invocation.flags as Readonly<Record<string, unknown>>;
  const access: { -readonly [Key in keyof RegistryAccess]: RegistryAccess[Key] } = { ...registriesConfFromEnvironment() };
  if (invocation.given("tls-verify")) access.tlsVerify = flags["tlsVerify"] === true;
  const authFile = text(flags["authfile"]);
  if (authFile !== undefined) {
    if (!existsSync(authFile)) {
      throw new ToolError("not-found", `credential file is not accessible: faccessat ${authFile}: no such file or directory`);
    }
    access.authFile = authFile;
  }
  const certDir = text(flags["certDir"]);
  if (certDir !== undefined) access.certDir = certDir;
  const creds = text(flags["creds"]);
  if (creds !== undefined) access.credentials = parseCreds(creds);
  return access;
}

/** @throws unsupported for flags that would change what happens, were they known */
export function refuseFlags<V>(invocation: Invocation<V>, flags: readonly string[]): void {
  const given = flags.find((flag) => invocation.given(flag));
  if (given !== undefined) throw new ToolError("unsupported", `--${given} is not supported yet`);
}

/** `USERNAME:PASSWORD`; without a password it is asked for by the original, refused here. */
function parseCreds(creds: string): { username: string; password: string } {
  const colon = creds.indexOf(":");
  const username = colon === -1 ? creds : creds.slice(0, colon);
  if (username === "") throw new ToolError("invalid-argument", "credentials must be written as USERNAME:PASSWORD");
  return { username, password: colon === -1 ? "" : creds.slice(colon + 1) };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
