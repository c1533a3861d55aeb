import { existsSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { userHome } from "../registries-conf/paths.ts";
import type { RegistryAccess } from "../transports/transport.ts";

export interface AuthFilePath {
  readonly path: string;
  /** `.dockercfg`: the entries stand at the top level and are keyed by host alone. */
  readonly legacy: boolean;
}

/**
 * The file that login and logout write, and that is read first: `--authfile`, else `$REGISTRY_AUTH_FILE`, else
 * `$XDG_RUNTIME_DIR/containers/auth.json`, else `/run/containers/UID/auth.json`.
 *
 * @throws not-found when $XDG_RUNTIME_DIR names a directory that does not exist
 */
export function primaryAuthFile(access: RegistryAccess = {}): { readonly path: string; readonly named: boolean } {
  const named = access.authFile || process.env["REGISTRY_AUTH_FILE"];
  if (named !== undefined && named !== "") return { path: named, named: true };
  const runtime = process.env["XDG_RUNTIME_DIR"];
  if (runtime === undefined || runtime === "") {
    // Inside the user namespace everybody is root: the variable tells who came in.
    const uid = process.env["_CONTAINERS_ROOTLESS_UID"] ?? String(process.getuid?.() ?? 0);
    return { path: `/run/containers/${uid}/auth.json`, named: false };
  }
  if (!existsSync(runtime)) {
    throw new ToolError("not-found", `"${runtime}" directory set by $XDG_RUNTIME_DIR does not exist`, {
      hint: "create the directory or unset $XDG_RUNTIME_DIR",
    });
  }
  return { path: join(runtime, "containers/auth.json"), named: false };
}

/** Every file that may hold credentials, in the order they are asked (containers-auth.json(5)). A file named by the caller is asked alone. */
export function authFilePaths(access: RegistryAccess = {}, home = userHome()): readonly AuthFilePath[] {
  const paths: AuthFilePath[] = [];
  try {
    const primary = primaryAuthFile(access);
    paths.push({ path: primary.path, legacy: false });
    if (primary.named) return paths;
  } catch {
    // No runtime directory: a public image can be had all the same.
  }
  const config = process.env["XDG_CONFIG_HOME"] || join(home, ".config");
  const docker = process.env["DOCKER_CONFIG"] || join(home, ".docker");
  return [
    ...paths,
    { path: join(config, "containers/auth.json"), legacy: false },
    { path: join(docker, "config.json"), legacy: false },
    { path: join(home, ".dockercfg"), legacy: true },
  ];
}
