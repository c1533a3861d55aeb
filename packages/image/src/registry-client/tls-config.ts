import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import type { TlsOptions } from "@containers/common/http/fetch";

export interface TlsSources {
  readonly certDir?: string;
  readonly verify: boolean;
  /** Where certs.d directories are, most specific first; default as the original tools. */
  readonly certsDirectories?: readonly string[];
}

/** The system's bundle of authorities, where distributions keep it. */
const SYSTEM_BUNDLES: readonly string[] = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

/**
 * Certificates for a registry: the system's authorities, and those of the first certs.d directory for the host and of `certDir`
 * (`*.crt` are authorities; `NAME.cert` with `NAME.key` is a client certificate). https://github.com/containers/image/blob/main/docs/containers-certs.d.5.md
 */
export function loadTls(host: string, sources: TlsSources): TlsOptions {
  const fromCertsD = (sources.certsDirectories ?? certsDirectories())
    .map((directory) => join(directory, host))
    .find((directory) => existsSync(directory));
  const directories = [fromCertsD, sources.certDir].filter((directory) => directory !== undefined);
  const found = directories.map(readDirectory);
  const client = found.flatMap((entry) => entry.clients).at(0);
  const own = found.flatMap((entry) => entry.authorities);
  const ca = sources.verify ? [...systemAuthorities(), ...own] : undefined;
  return {
    verify: sources.verify,
    ...(ca === undefined || ca.length === 0 ? {} : { ca }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
  };
}

function certsDirectories(): readonly string[] {
  return [join(homedir(), ".config/containers/certs.d"), "/etc/containers/certs.d", "/etc/docker/certs.d"];
}

function systemAuthorities(): readonly string[] {
  const bundle = [process.env["SSL_CERT_FILE"], ...SYSTEM_BUNDLES].find((path) => path !== undefined && path !== "" && existsSync(path));
  return bundle === undefined ? [] : [readFileSync(bundle, "utf8")];
}

interface Certificates {
  readonly authorities: readonly string[];
  readonly clients: ReadonlyArray<{ readonly cert: string; readonly key: string }>;
}

function readDirectory(directory: string): Certificates {
  const names = listDirectory(directory);
  const read = (name: string): string => readFileSync(join(directory, name), "utf8");
  const clients = names
    .filter((name) => name.endsWith(".cert"))
    .map((name) => {
      const key = name.replace(/\.cert$/, ".key");
      if (!names.includes(key))
        throw new ToolError("invalid-argument", `missing key ${key} for client certificate ${name} in ${directory}`, {
          hint: "authorities must have the ending .crt",
        });
      return { cert: read(name), key: read(key) };
    });
  for (const name of names.filter((candidate) => candidate.endsWith(".key"))) {
    const cert = name.replace(/\.key$/, ".cert");
    if (!names.includes(cert))
      throw new ToolError("invalid-argument", `missing client certificate ${cert} for key ${name} in ${directory}`);
  }
  return { authorities: names.filter((name) => name.endsWith(".crt")).map(read), clients };
}

function listDirectory(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    // An ordinary user may be kept out of /etc/docker: it then counts as absent, as in the original.
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES")) return [];
    throw error;
  }
}
