import { defineCommand, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { loginFlags, loginTarget } from "@containers/image/auth/login-flags";
import { login } from "@containers/image/auth/login-session";
import { terminalPrompt } from "@containers/image/auth/prompt";
import { registriesConfFromEnvironment } from "@containers/image/registries-conf/paths";
import { openSecretStore } from "../../secrets/secret-store.ts";
import { isRemote, localEngine } from "../on-side.ts";

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
  run: async (invocation) => {
    const { flags, args, out, given } = invocation;
    const secret = flags.secret === undefined || flags.secret === "" ? {} : fromSecret(invocation, flags.secret, flags);
    const access = {
      ...registriesConfFromEnvironment(),
      tlsVerify: given("tls-verify") ? flags.tlsVerify : undefined,
      certDir: flags.certDir,
    };
    const print = (text: string): void => out.stdout(text);
    await login({ ...flags, ...secret, argument: args[0], target: loginTarget(flags, access), prompt: terminalPrompt(print), print });
    return undefined;
  },
});

/** The password out of a secret, whose name is the user's where none is given. */
function fromSecret<V>(
  invocation: Invocation<V>,
  name: string,
  given: { readonly username?: string; readonly password?: string },
): { readonly username: string; readonly password: string } {
  if (given.password) throw new ToolError("invalid-argument", "--secret can not be used with --password options");
  if (isRemote(invocation)) throw new ToolError("unsupported", "--secret is not supported yet where the secrets are a service's");
  const store = openSecretStore(localEngine(invocation).paths.secretsDir);
  return { username: given.username || name, password: store.readData(store.find(name)).toString("utf8") };
}
