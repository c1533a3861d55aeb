import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loginFlags, loginTarget } from "@containers/image/auth/login-flags";
import { login } from "@containers/image/auth/login-session";
import { terminalPrompt } from "@containers/image/auth/prompt";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";

/** `podman login`. */
export const loginCommand = defineCommand({
  name: "login",
  summary: "Log in to a container registry",
  description: "Log in to a container registry on a specified server.",
  usage: "[REGISTRY]",
  examples: ["podman login quay.io", "podman login --username ... --password ... quay.io", "podman login --authfile dir/auth.json quay.io"],
  flags: { ...loginFlags, secret: { type: "string", description: "Retrieve password from a podman secret" } },
  args: { max: 1 },
  needsUserNamespace: false,
  run: async ({ flags, args, out, given }) => {
    if (given("secret")) throw new ToolError("unsupported", "--secret is not supported yet");
    const access = {
      ...registriesConfFromEnvironment(),
      tlsVerify: given("tls-verify") ? flags.tlsVerify : undefined,
      certDir: flags.certDir,
    };
    const print = (text: string): void => out.stdout(text);
    await login({ ...flags, argument: args[0], target: loginTarget(flags, access), prompt: terminalPrompt(print), print });
    return undefined;
  },
});
