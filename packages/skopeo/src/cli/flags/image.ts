import { defineFlags, type FlagDefinition } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { ImageContext, RegistryAccess } from "@containers/image/transports/transport";
import { skopeoVersion } from "../program.ts";
import type { Globals } from "./global.ts";

const registryFlagSet = defineFlags({
  creds: { type: "string", description: "Use `USERNAME[:PASSWORD]` for accessing the registry" },
  username: { type: "string", description: "Username for accessing the registry" },
  password: { type: "string", description: "Password for accessing the registry" },
  "registry-token": { type: "string", description: "Provide a Bearer token for accessing the registry" },
  "cert-dir": { type: "string", description: "use certificates at `PATH` (*.crt, *.cert, *.key) to connect to the registry or daemon" },
  "tls-verify": {
    type: "bool",
    default: true,
    description: "require HTTPS and verify certificates when talking to the container registry or daemon",
  },
  "no-creds": { type: "bool", description: "Access the registry anonymously" },
});

const imageFlagSet = defineFlags({
  ...registryFlagSet,
  "shared-blob-dir": { type: "string", description: "`DIRECTORY` to use to share blobs across OCI repositories" },
  "daemon-host": { type: "string", description: "use docker daemon host at `HOST` (docker-daemon: only)" },
});

const authFile = {
  type: "string",
  description: "path of the registry credentials file. Default is ${XDG_RUNTIME_DIR}/containers/auth.json",
} as const;

/** Flags of a command that reaches one registry. */
export const registryFlags = defineFlags({ authfile: authFile, ...registryFlagSet });

/** Flags of a command that opens one image. */
export const imageFlags = defineFlags({ authfile: authFile, ...imageFlagSet });

export const retryFlags = defineFlags({
  "retry-times": { type: "int", default: 0, description: "the number of times to possibly retry" },
  "retry-delay": { type: "duration", description: "Fixed delay between retries. If not set, retry uses an exponential backoff delay." },
});

type Prefixed<P extends string, F> = { readonly [K in keyof F & string as `${P}${K}`]: F[K] };

/** {@link imageFlags} for one side of a copy: `--src-creds`, with `--screds` as its old name. */
export function sideFlags<const P extends "src-" | "dest-">(prefix: P): Prefixed<P, typeof imageFlags> {
  return withPrefix(prefix, imageFlags);
}

/** {@link registryFlags} for one side of a sync. */
export function registrySideFlags<const P extends "src-" | "dest-">(prefix: P): Prefixed<P, typeof registryFlags> {
  return withPrefix(prefix, registryFlags);
}

function withPrefix<const P extends "src-" | "dest-", F extends Readonly<Record<string, FlagDefinition>>>(
  prefix: P,
  flags: F,
): Prefixed<P, F> {
  const alias = prefix === "src-" ? "screds" : "dcreds";
  const entries = Object.entries(flags).map(([name, flag]) => [
    `${prefix}${name}`,
    // Each name its own definition: the parser takes two names of one definition for the same flag.
    name === "creds" ? { ...flag, aliases: [alias] } : { ...flag },
  ]);
  return Object.fromEntries(entries) as Prefixed<P, F>;
}

/** How a command's flags say that registries are to be reached. */
export interface AccessSource {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly globals: Globals;
  given(flag: string): boolean;
}

/**
 * The registry access that the flags with this prefix ask for.
 *
 * @throws invalid-argument for flags that exclude each other
 */
export function registryAccess(source: AccessSource, prefix: "" | "src-" | "dest-" = ""): RegistryAccess {
  const { globals } = source;
  const get = (name: string): string | undefined => {
    const value = source.flags[camelCase(`${prefix}${name}`)];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const anonymous = source.flags[camelCase(`${prefix}no-creds`)] === true;
  return {
    tlsVerify: tlsVerify(source, prefix),
    certDir: get("cert-dir"),
    authFile: get("authfile") ?? shared(source, "authfile"),
    credentials: credentials(get, anonymous),
    bearerToken: get("registry-token"),
    anonymous: anonymous || undefined,
    registriesConfPath: globals.registriesConf,
    registriesDir: globals.registriesDir,
    userAgent: `${globals.userAgentPrefix === undefined ? "" : `${globals.userAgentPrefix} `}skopeo/${skopeoVersion}`,
  };
}

/** What opening an image needs, after the flags with this prefix. */
export function imageContext(source: AccessSource, prefix: "" | "src-" | "dest-" = "", signal?: AbortSignal): ImageContext {
  const { globals } = source;
  const registry = registryAccess(source, prefix);
  const host = source.flags[camelCase(`${prefix}daemon-host`)];
  return {
    signal,
    registry,
    dockerDaemon: {
      host: typeof host === "string" && host !== "" ? host : undefined,
      certDir: registry.certDir,
      tlsVerify: registry.tlsVerify,
    },
    platform: { os: globals.overrideOs, architecture: globals.overrideArch, variant: globals.overrideVariant },
    sharedBlobDirectory: shared(source, camelCase(`${prefix}shared-blob-dir`)),
    temporaryDirectory: globals.temporaryDirectory,
  };
}

function tlsVerify(source: AccessSource, prefix: string): boolean | undefined {
  if (source.given(`${prefix}tls-verify`)) return source.flags[camelCase(`${prefix}tls-verify`)] === true;
  return prefix !== "" && source.given("tls-verify") ? source.flags["tlsVerify"] === true : undefined;
}

function shared(source: AccessSource, name: string): string | undefined {
  const value = source.flags[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function credentials(get: (name: string) => string | undefined, anonymous: boolean): RegistryAccess["credentials"] {
  const [creds, username, password] = [get("creds"), get("username"), get("password")];
  const exclusive = (one: string, other: string): ToolError =>
    new ToolError("invalid-argument", `${one} and ${other} cannot be specified at the same time`);
  if (creds !== undefined && anonymous) throw exclusive("creds", "no-creds");
  if (username !== undefined && anonymous) throw exclusive("username", "no-creds");
  if (creds !== undefined && username !== undefined) throw exclusive("creds", "username");
  if ((username === undefined) !== (password === undefined)) {
    throw new ToolError("invalid-argument", "password must be specified when username is specified");
  }
  if (creds === undefined) return username === undefined || password === undefined ? undefined : { username, password };
  const colon = creds.indexOf(":");
  const name = colon === -1 ? creds : creds.slice(0, colon);
  if (name === "") throw new ToolError("invalid-argument", "username can't be empty");
  return { username: name, password: colon === -1 ? "" : creds.slice(colon + 1) };
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
