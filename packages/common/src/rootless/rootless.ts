/**
 * Who runs this, seen from inside or outside the rootless user namespace. The three variables are the
 * original tools' own: a nested podman, buildah or skopeo of either make understands them.
 */

/** Set (to any value) in every process that runs inside the namespace which {@link rootlessUid}'s owner made. */
export const USERNS_CONFIGURED = "_CONTAINERS_USERNS_CONFIGURED";
export const ROOTLESS_UID = "_CONTAINERS_ROOTLESS_UID";
export const ROOTLESS_GID = "_CONTAINERS_ROOTLESS_GID";

type Environment = Readonly<Record<string, string | undefined>>;

/** The uid of the user who started the tool, as the host knows it: also right inside the user namespace, where geteuid() says 0. */
export function rootlessUid(env: Environment = process.env): number {
  return idFrom(env[ROOTLESS_UID]) ?? process.geteuid?.() ?? 0;
}

/** The gid that goes with {@link rootlessUid}. */
export function rootlessGid(env: Environment = process.env): number {
  return idFrom(env[ROOTLESS_GID]) ?? process.getegid?.() ?? 0;
}

/**
 * True for an ordinary user, before and after the user namespace was entered. Root inside somebody else's
 * namespace (a container in a container) is not rootless: it uses root's paths.
 */
export function isRootless(env: Environment = process.env): boolean {
  return rootlessUid(env) > 0 && (process.geteuid?.() !== 0 || isInsideUserNamespace(env));
}

/** True once this process (or the one that started it) has entered the rootless user namespace. */
export function isInsideUserNamespace(env: Environment = process.env): boolean {
  return (env[USERNS_CONFIGURED] ?? "") !== "";
}

function idFrom(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
