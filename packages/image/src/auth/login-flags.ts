import { existsSync } from "node:fs";
import { join } from "node:path";
import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { RegistryAccess } from "../transports/transport.ts";
import type { LoginTarget } from "./login.ts";

const authFileFlags = defineFlags({
  authfile: { type: "string", description: "path of the authentication file. Use REGISTRY_AUTH_FILE environment variable to override" },
  "compat-auth-file": { type: "string", description: "path of a Docker-compatible config file to update instead" },
});

/** The flags of `login`, in every tool. */
export const loginFlags = defineFlags({
  ...authFileFlags,
  "cert-dir": { type: "string", description: "use certificates at the specified path to access the registry" },
  "get-login": { type: "bool", description: "Return the current login user for the registry" },
  password: { type: "string", short: "p", description: "Password for registry" },
  "password-stdin": { type: "bool", description: "Take the password from stdin" },
  "tls-verify": { type: "bool", default: true, description: "Require HTTPS and verify certificates when contacting registries" },
  username: { type: "string", short: "u", description: "Username for registry" },
  verbose: { type: "bool", short: "v", description: "Write more detailed information to stdout" },
});

/** The flags of `logout`, in every tool. */
export const logoutFlags = defineFlags({
  ...authFileFlags,
  all: { type: "bool", short: "a", description: "Remove the cached credentials for all registries in the auth file" },
});

/**
 * Where the flags and the environment say that credentials are kept.
 *
 * @throws invalid-argument when both files are named; not-found with `mustExist` when the named one is absent
 */
export function loginTarget(
  flags: { readonly authfile?: string; readonly compatAuthFile?: string },
  access: RegistryAccess,
  options: { readonly mustExist?: boolean } = {},
): LoginTarget {
  const { authfile, compatAuthFile } = flags;
  if (authfile && compatAuthFile) {
    throw new ToolError(
      "invalid-argument",
      "options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously",
    );
  }
  for (const path of [authfile, compatAuthFile]) {
    if (options.mustExist === true && path && !existsSync(path)) {
      throw new ToolError("not-found", `credential file is not accessible: faccessat ${path}: no such file or directory`);
    }
  }
  if (authfile) return { access: { ...access, authFile: authfile } };
  if (compatAuthFile) return { access, dockerConfig: compatAuthFile };
  const docker = process.env["DOCKER_CONFIG"];
  return !process.env["REGISTRY_AUTH_FILE"] && docker ? { access, dockerConfig: join(docker, "config.json") } : { access };
}
