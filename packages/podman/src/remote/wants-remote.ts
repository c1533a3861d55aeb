/** The global flags that choose a service instead of the engine of this machine. */
export interface RemoteGlobals {
  readonly remote?: boolean;
  readonly url?: string;
  readonly host?: string;
  readonly connection?: string;
  readonly context?: string;
  readonly identity?: string;
  readonly ssh?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Whether the command is for a service: `--remote`, a flag that names a service, CONTAINER_HOST or CONTAINER_CONNECTION, or being called
 * `podman-remote`. `--remote=false` overrules the environment. Reads nothing and loads nothing: every local command asks.
 */
export function wantsRemote(globals: RemoteGlobals, options: { given?: boolean; env?: Environment; calledAs?: string } = {}): boolean {
  const { env = process.env, calledAs = process.argv0 } = options;
  if (globals.url !== undefined || globals.host !== undefined || globals.connection !== undefined || globals.context !== undefined)
    return true;
  if (globals.remote === true || calledAs.slice(calledAs.lastIndexOf("/") + 1).startsWith("podman-remote")) return true;
  return options.given !== true && (env.CONTAINER_HOST !== undefined || env.CONTAINER_CONNECTION !== undefined);
}
