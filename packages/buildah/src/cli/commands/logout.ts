import { defineCommand } from "@containers/common/cli/define-command";
import { loginTarget, logoutFlags } from "@containers/image/auth/login-flags";
import { logout } from "@containers/image/auth/login-session";

/** `buildah logout`. */
export const logoutCommand = defineCommand({
  name: "logout",
  summary: "Logout of a container registry",
  description: "Remove the cached username and password for the registry.",
  usage: "REGISTRY",
  examples: ["buildah logout quay.io"],
  flags: logoutFlags,
  args: { max: 1 },
  needsUserNamespace: false,
  run: async ({ flags, args, out }) => {
    await logout({
      argument: args[0],
      target: loginTarget(flags, {}, { mustExist: true }),
      all: flags.all,
      print: (text) => out.stdout(text),
    });
    return undefined;
  },
});
