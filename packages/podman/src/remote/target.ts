import { readFileSync } from "node:fs";
import type { ContainersConf } from "@containers/common/config/containers-conf";
import { ToolError } from "@containers/common/errors/tool-error";
import { userPaths } from "@containers/common/fs/xdg-paths";
import type { TlsOptions } from "@containers/common/http/fetch";
import { isRootless } from "@containers/common/rootless/rootless";
import { type Connection, findConnection } from "./destinations.ts";
import type { RemoteGlobals } from "./wants-remote.ts";

/** Which service a command talks to, and by what means. */
export interface RemoteTarget {
  /** `unix:///path`, `tcp://host:port`, `ssh://[user@]host[:port][/path]`. */
  readonly uri: string;
  readonly identity?: string;
  readonly tls?: TlsOptions;
  /** containers.conf's `ssh_config`. */
  readonly sshConfig?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The service that flags, environment and configuration name, in this order: `--connection`, `--url`, `--context`, `--host`; CONTAINER_CONNECTION,
 * CONTAINER_HOST; the default connection; the local socket.
 *
 * @throws ToolError not-found for a connection that nobody defined
 */
export function resolveTarget(config: ContainersConf, globals: RemoteGlobals, env: Environment = process.env): RemoteTarget {
  if (globals.connection !== undefined && globals.context !== undefined)
    throw new ToolError("invalid-argument", "read cli flags: use of --connection and --context at the same time is not allowed");
  const chosen = chooseDestination(config, globals, env);
  const identity = globals.identity || chosen.Identity || env.CONTAINER_SSHKEY;
  const tls = readTls({ ca: globals.tlsCa || chosen.TLSCA, cert: globals.tlsCert || chosen.TLSCert, key: globals.tlsKey || chosen.TLSKey });
  return { uri: chosen.URI, ...(identity ? { identity } : {}), ...(tls === undefined ? {} : { tls }), ...sshConfigOf(config) };
}

function sshConfigOf({ engine }: Pick<ContainersConf, "engine">): Pick<RemoteTarget, "sshConfig"> {
  return engine.sshConfig === "" ? {} : { sshConfig: engine.sshConfig };
}

/** The socket of this user's own service. */
function localServiceUri(env: Environment = process.env): string {
  return isRootless() ? `unix://${userPaths(env).runtimeDir}/podman/podman.sock` : "unix:///run/podman/podman.sock";
}

type Chosen = Pick<Connection, "URI" | "Identity" | "TLSCA" | "TLSCert" | "TLSKey">;

function chooseDestination(config: ContainersConf, globals: RemoteGlobals, env: Environment): Chosen {
  if (globals.connection !== undefined) return named(config, globals.connection);
  if (globals.url !== undefined) return { URI: globals.url };
  if (globals.context !== undefined && globals.context !== "default") return named(config, globals.context);
  if (globals.host !== undefined) return { URI: globals.host };
  if (env.CONTAINER_CONNECTION) return named(config, env.CONTAINER_CONNECTION);
  if (env.CONTAINER_HOST) return { URI: env.CONTAINER_HOST };
  return findConnection(config) ?? { URI: config.engine.remoteUri || localServiceUri(env) };
}

function named(config: ContainersConf, name: string): Connection {
  const found = findConnection(config, name);
  if (found === undefined) throw new ToolError("not-found", `read cli flags: connection ${JSON.stringify(name)} not found`);
  return found;
}

function readTls(files: { ca?: string | undefined; cert?: string | undefined; key?: string | undefined }): TlsOptions | undefined {
  if (!files.ca && !files.cert && !files.key) return undefined;
  if (!files.cert !== !files.key)
    throw new ToolError("invalid-argument", "unable to connect to Podman socket: TLS Key and Certificate must both or neither be provided");
  const read = (path: string, what: string): string => {
    try {
      return readFileSync(path, "utf8");
    } catch (error) {
      throw new ToolError("invalid-argument", `unable to connect to Podman socket: unable to read ${what}`, { cause: error });
    }
  };
  return {
    ...(files.ca ? { ca: [read(files.ca, "CA bundle")] } : {}),
    ...(files.cert && files.key ? { cert: read(files.cert, "TLS key pair"), key: read(files.key, "TLS key pair") } : {}),
  };
}
