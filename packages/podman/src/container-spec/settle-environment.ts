import { ToolError } from "@containers/common/errors/tool-error";
import type { ContainerSpec } from "./container-spec.ts";
import type { SettleContext } from "./settle-context.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
const PROXY_NAMES = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY"];

/**
 * The environment in order of precedence, lowest first: ours, containers.conf's, the proxies, the image's, the host's, the
 * user's. HOME and HOSTNAME are added when the container starts.
 */
export function settleEnvironment(spec: ContainerSpec, context: SettleContext): string[] {
  const { defaults, hostEnv, image } = context;
  const variables = new Map<string, string>();
  const add = (entries: readonly string[]): void => {
    for (const entry of entries) {
      const at = entry.indexOf("=");
      if (at > 0) variables.set(entry.slice(0, at), entry.slice(at + 1));
    }
  };
  const fromHost = (names: readonly string[]): string[] =>
    names.flatMap((name) => (hostEnv[name] === undefined ? [] : [`${name}=${hostEnv[name]}`]));
  if (spec.unsetEnvAll !== true) {
    add([`PATH=${DEFAULT_PATH}`, "container=podman"]);
    if (spec.tty === true) add(["TERM=xterm"]);
    add(defaults.env);
  }
  if (spec.httpProxy ?? defaults.httpProxy) add(fromHost(PROXY_NAMES));
  if (spec.unsetEnvAll !== true) add(image?.config.Env ?? []);
  if (spec.envHost ?? defaults.envHost) add(fromHost(Object.keys(hostEnv)));
  add((spec.envMerge ?? []).map((entry) => substitute(entry, variables)));
  for (const name of spec.unsetEnv ?? []) variables.delete(name);
  add(spec.env ?? []);
  return [...variables].map(([name, value]) => `${name}=${value}`);
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
