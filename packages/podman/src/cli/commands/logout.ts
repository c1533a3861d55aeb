import { defineCommand } from "@containers/common/cli/define-command";
import { loginTarget, logoutFlags } from "@containers/image/auth/login-flags";
import { logout } from "@containers/image/auth/login-session";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";

/** `podman logout`. */
export const logoutCommand = defineCommand({
  name: "logout",
  summary: "Log out of a container registry",
  description: "Remove the cached username and password for the registry.",
  usage: "[REGISTRY]",
  examples: ["podman logout quay.io", "podman logout --authfile dir/auth.json quay.io", "podman logout --all"],
  flags: logoutFlags,
  args: { max: 1 },
  needsUserNamespace: false,
  run: async ({ flags, args, out }) => {
    await logout({
      argument: args[0],
      target: loginTarget(flags, registriesConfFromEnvironment(), { mustExist: true }),
      all: flags.all,
      print: (text) => out.stdout(text),
    });
    return undefined;
  },
});
