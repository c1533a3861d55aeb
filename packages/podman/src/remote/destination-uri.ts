import { statSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { errnoCode } from "@containers/common/sys/sys-error";
import { remoteSocketPath } from "./connect.ts";
import { sshHost } from "./ssh.ts";

export interface DestinationOptions {
  readonly socketPath?: string | undefined;
  /** Of ssh, when the destination names none. */
  readonly port?: number | undefined;
  readonly identity?: string | undefined;
  warn(message: string): void;
}

/**
 * A destination as it is kept: with user, port and path where ssh needs them. A machine that is to be reached by ssh is asked for its socket
 * when none is named.
 *
 * @throws ToolError invalid-argument, unavailable
 */
export async function destinationUri(destination: string, options: DestinationOptions): Promise<string> {
  const scheme = destination.slice(0, destination.indexOf("://")).toLowerCase();
  switch (scheme) {
    case "unix":
      return unixUri(destination, options);
    case "tcp":
      if (new URL(destination.replace(/^tcp:/i, "http:")).port === "" && !/:80(\/|$)/.test(destination))
        throw new ToolError("invalid-argument", "tcp scheme requires a port either via --port or in destination URL");
      return destination;
    case "ssh":
      return sshUri(destination, options);
    default:
      options.warn(`${JSON.stringify(scheme)} unknown scheme, no validation provided`);
      return destination;
  }
}

function unixUri(destination: string, { socketPath, warn }: DestinationOptions): string {
  const path = socketPath ?? destination.slice("unix://".length);
  try {
    if (!statSync(path).isSocket())
      throw new ToolError("invalid-argument", `${JSON.stringify(path)} exists and is not a unix domain socket`);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    if (errnoCode(error) === "ENOENT") warn(`${JSON.stringify(path)} does not exist`);
    else if (errnoCode(error) === "EACCES") warn(`You do not have permission to read ${JSON.stringify(path)}`);
    else throw error;
  }
  return `unix://${path}`;
}

async function sshUri(destination: string, { socketPath, port, identity }: DestinationOptions): Promise<string> {
  const uri = new URL(destination);
  if (uri.password !== "") throw new ToolError("unsupported", "a password in the destination is not supported: use a key");
  if (uri.username === "") uri.username = process.env.USER ?? "root";
  if (uri.port === "") uri.port = String(port ?? 22);
  const path = socketPath ?? (uri.pathname === "/" ? "" : uri.pathname);
  uri.pathname = path === "" ? await remoteSocketPath(sshHost(uri, identity)) : path;
  return uri.href;
}
