import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loginFlags, loginTarget } from "@containers/image/auth/login-flags";
import { login } from "@containers/image/auth/login-session";
import { terminalPrompt } from "@containers/image/auth/prompt";
import { registryAccess } from "../flags/image.ts";
import { withCommand } from "../with-command.ts";

/** `skopeo login`. */
export const loginCommand = defineCommand({
  name: "login",
  summary: "Login to a container registry",
  description: "Login to a container registry on a specified server.",
  usage: "REGISTRY",
  examples: ["skopeo login quay.io"],
  flags: loginFlags,
  args: { min: 0 },
  needsUserNamespace: false,
  run: (invocation) =>
    withCommand(invocation, async (command) => {
      const { flags, args, out } = invocation;
      const [argument, more] = args;
      if (argument === undefined) throw new ToolError("invalid-argument", "please provide a registry to log in to");
      if (more !== undefined) throw new ToolError("invalid-argument", "login accepts only one registry to log in to");
      const { credentials: _, ...access } = registryAccess({
        ...command,
        flags: { ...command.flags, username: undefined, password: undefined },
      });
      const print = (text: string): void => out.stdout(text);
      await login({ ...flags, argument, target: loginTarget(flags, access), prompt: terminalPrompt(print), print });
    }),
});
