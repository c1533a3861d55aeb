import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { userHome } from "../registries-conf/paths.ts";

/** One namespace of containers-registries.d(5): where its simple signatures are, and whether sigstore's are beside the images. */
export interface SignatureNamespace {
  readonly lookaside?: string;
  readonly lookasideStaging?: string;
  readonly useSigstoreAttachments?: boolean;
}

/** All files of registries.d merged. */
export interface RegistriesD {
  readonly defaultDocker?: SignatureNamespace;
  /** By name, repository, namespace, host or `*.parent.domain`. */
  readonly docker: ReadonlyMap<string, SignatureNamespace>;
}

const systemDirectory = "/etc/containers/registries.d";

export function registriesDirectory(named?: string, home = userHome()): string {
  const user = join(home, ".config/containers/registries.d");
  return named || (existsSync(user) ? user : systemDirectory);
}

/**
 * Reads all `*.yaml` of the directory; a directory that is missing says nothing.
 *
 * @throws invalid-argument for malformed files and for a namespace that two files define
 */
export function loadRegistriesD(directory: string): RegistriesD {
  const docker = new Map<string, SignatureNamespace>();
  const origins = new Map<string, string>();
  let defaultDocker: SignatureNamespace | undefined;
  const define = (what: string, path: string): void => {
    const other = origins.get(what);
    if (other !== undefined) {
      throw new ToolError(
        "invalid-argument",
        `Error parsing signature storage configuration: ${what} defined both in "${other}" and "${path}"`,
      );
    }
    origins.set(what, path);
  };
  for (const path of filesOf(directory)) {
    const file = parseFile(path);
    if (file.defaultDocker !== undefined) {
      define('"default-docker"', path);
      defaultDocker = file.defaultDocker;
    }
    for (const [name, namespace] of file.docker) {
      define(`"docker" namespace "${name}"`, path);
      docker.set(name, namespace);
    }
  }
  return { docker, ...(defaultDocker === undefined ? {} : { defaultDocker }) };
}

/** What the namespaces say of an image, by its policy scopes: the most specific one that says it, else the default. */
export function settingFor<Key extends keyof SignatureNamespace>(
  config: RegistriesD,
  scopes: readonly string[],
  keys: readonly Key[],
): SignatureNamespace[Key] | undefined {
  const namespaces = [...scopes.map((scope) => config.docker.get(scope)), config.defaultDocker];
  for (const namespace of namespaces) {
    for (const key of keys) if (namespace?.[key] !== undefined) return namespace[key];
  }
  return undefined;
}

function filesOf(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith(".yaml"))
      .sort()
      .map((name) => join(directory, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw wrapError(`reading ${directory}`, error);
  }
}

function parseFile(path: string): RegistriesD {
  try {
    const parsed: unknown = Bun.YAML.parse(readFileSync(path, "utf8"));
    const top = object(parsed);
    const docker = Object.entries(object(top["docker"])).map(([name, value]) => [name, namespace(value)] as const);
    const standard = top["default-docker"];
    return {
      docker: new Map(docker),
      ...(standard === undefined || standard === null ? {} : { defaultDocker: namespace(standard) }),
    };
  } catch (error) {
    throw wrapError(`parsing ${path}`, error);
  }
}

function namespace(value: unknown): SignatureNamespace {
  const settings = object(value);
  const text = (...keys: readonly string[]): string | undefined => {
    const found = keys.map((key) => settings[key]).find((entry) => typeof entry === "string" && entry !== "");
    return typeof found === "string" ? found : undefined;
  };
  const attachments = settings["use-sigstore-attachments"];
  // The older names of the same settings.
  const lookaside = text("lookaside", "sigstore");
  const lookasideStaging = text("lookaside-staging", "sigstore-staging");
  return {
    ...(lookaside === undefined ? {} : { lookaside }),
    ...(lookasideStaging === undefined ? {} : { lookasideStaging }),
    ...(typeof attachments === "boolean" ? { useSigstoreAttachments: attachments } : {}),
  };
}

function object(value: unknown): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
  throw new ToolError("invalid-argument", "expected a mapping");
}
