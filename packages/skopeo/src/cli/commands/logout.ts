import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loginTarget, logoutFlags } from "@containers/image/auth/login-flags";
import { logout } from "@containers/image/auth/login-session";
import { registryAccess } from "../flags/image.ts";
import { withCommand } from "../with-command.ts";

/** `skopeo logout`. */
export const logoutCommand = defineCommand({
  name: "logout",
  summary: "Logout of a container registry",
  description: "Logout of a container registry on a specified server.",
  usage: "REGISTRY",
  examples: ["skopeo logout quay.io"],
  flags: {
    ...logoutFlags,
    "tls-verify": { type: "bool", default: true, description: "Require HTTPS and verify certificates when accessing the registry" },
  },
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) =>
    withCommand(invocation, async (command) => {
      const { flags, args, out } = invocation;
      const [argument, more] = args;
      if (argument === undefined && !flags.all) throw new ToolError("invalid-argument", "please provide a registry to log out from");
      if (more !== undefined) throw new ToolError("invalid-argument", "logout accepts only one registry to log out from");
      const target = loginTarget(flags, registryAccess(command), { mustExist: true });
      await logout({ argument, target, all: flags.all, print: (text) => out.stdout(text) });
    }),
});
