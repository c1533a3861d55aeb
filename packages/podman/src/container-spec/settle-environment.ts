import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PROXY_NAMES = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY"];

/**
 * The environment in order of precedence, lowest first: ours, the host's variables or its proxies, containers.conf's, the image's and
 * those put together from them; then the host's again, for what an image says of a proxy is not true here; then the user's.
 * HOME and HOSTNAME are added when the container starts.
 */
export function settleEnvironment(spec: ContainerSpec, context: SettleContext): string[] {
  const { defaults, image } = context;
  const variables = new Map<string, string>();
  const add = (entries: readonly string[]): void => {
    for (const entry of entries) {
      const at = entry.indexOf("=");
      if (at > 0) variables.set(entry.slice(0, at), entry.slice(at + 1));
    }
  };
  const host = fromHost(spec, context);
  if (spec.unsetEnvAll !== true) {
    add([`PATH=${DEFAULT_PATH}`, "container=podman", ...host, ...defaults.env, ...(image?.config.Env ?? [])]);
    if (spec.tty === true && !variables.has("TERM")) add(["TERM=xterm"]);
    for (const entry of spec.envMerge ?? []) add([substitute(entry, variables)]);
    for (const name of spec.unsetEnv ?? []) variables.delete(name);
  }
  add(host);
  add(spec.env ?? []);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}

/** What the container gets of the host's environment: all of it, the proxies, or nothing. */
function fromHost(spec: ContainerSpec, { defaults, hostEnv }: SettleContext): string[] {
  const proxies = (spec.httpProxy ?? defaults.httpProxy) ? PROXY_NAMES : [];
  const names = (spec.envHost ?? defaults.envHost) ? Object.keys(hostEnv) : proxies;
  return names.flatMap((name) => (hostEnv[name] === undefined ? [] : [`${name}=${hostEnv[name]}`]));
}

/** `KEY=text` with `$NAME` and `${NAME}` replaced; a name that has no value is nothing. */
function substitute(entry: string, variables: ReadonlyMap<string, string>): string {
  const equals = entry.indexOf("=");
  if (equals < 0) throw new ToolError("invalid-argument", `missing \`=\` for --env-merge substitution ${entry}`);
  const value = entry
    .slice(equals + 1)
    .replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => variables.get(braced ?? bare ?? "") ?? "");
  return `${entry.slice(0, equals)}=${value}`;
}
