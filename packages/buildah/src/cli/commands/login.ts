import { defineCommand } from "@containers/common/cli/define-command";
import { loginFlags, loginTarget } from "@containers/image/auth/login-flags";
import { login } from "@containers/image/auth/login-session";
import { terminalPrompt } from "@containers/image/auth/prompt";

/** `buildah login`. */
export const loginCommand = defineCommand({
  name: "login",
  summary: "Login to a container registry",
  description: "Login to a container registry on a specified server.",
  usage: "REGISTRY",
  examples: ["buildah login quay.io"],
  flags: loginFlags,
  args: { max: 1 },
  needsUserNamespace: false,
  run: async ({ flags, args, out, given }) => {
    const access = { tlsVerify: given("tls-verify") ? flags.tlsVerify : undefined, certDir: flags.certDir };
    const print = (text: string): void => out.stdout(text);
    await login({ ...flags, argument: args[0], target: loginTarget(flags, access), prompt: terminalPrompt(print), print });
    return undefined;
  },
});
