import { defineCommand } from "@containers/common/cli/define-command";
import { loadContainersConf } from "@containers/common/config/containers-conf";
import { findComposeProvider, saysWhoComposes } from "../../compose/provider.ts";
import { type RemoteGlobals, wantsRemote } from "../../remote/wants-remote.ts";
import { placeFlags } from "../place-flags.ts";

/** `podman compose`. */
export const composeCommand = defineCommand({
  name: "compose",
  summary: "Run compose workloads via an external provider such as docker-compose or podman-compose",
  description: `This command is a thin wrapper around an external compose provider such as docker-compose or podman-compose. podman compose runs the
provider with the given arguments against podman's own API.

Default providers are docker-compose and podman-compose. PODMAN_COMPOSE_PROVIDER or compose_providers in containers.conf name another.`,
  examples: ["podman compose -f nginx.yaml up --detach", "podman --log-level=debug compose -f many-images.yaml pull"],
  flags: {},
  args: { min: 0 },
  passesArguments: true,
  needsUserNamespace: false,
  run: async ({ args, globals, out }) => {
    const { engine } = loadContainersConf();
    // podman's own help stands before the provider's, and is enough where there is none.
    const forHelp = args.length === 0 || args[0] === "--help" || args[0] === "-h";
    const provider = forHelp ? helpfulProvider(engine.composeProviders) : findComposeProvider(engine.composeProviders);
    if (provider === undefined) return 0;
    if (saysWhoComposes(engine.composeWarningLogs)) {
      out.stderr(
        Buffer.from(
          `\u001b[4m>>>> Executing external compose provider ${JSON.stringify(provider)}. Please see podman-compose(1) for how to disable this message. <<<<\n\n\u001b[0m`,
        ),
      );
    }
    const { runCompose } = await import("../../compose/compose.ts");
    const url = await remoteUrl(globals);
    return await runCompose({ provider, args: forHelp ? ["--help"] : args, globals: placeFlags(globals), url, needsService: !forHelp });
  },
});

function helpfulProvider(configured: readonly string[]): string | undefined {
  try {
    return findComposeProvider(configured);
  } catch {
    return undefined;
  }
}

/** The service that `--remote`, `--url` or `--connection` name; the providers reach ssh's default socket by themselves. */
async function remoteUrl(globals: Readonly<Record<string, unknown>>): Promise<string | undefined> {
  if (!wantsRemote(globals as RemoteGlobals)) return undefined;
  const { resolveTarget } = await import("../../remote/target.ts");
  const { uri } = resolveTarget(loadContainersConf(), globals as RemoteGlobals);
  return uri.startsWith("ssh://") ? uri.replace(new URL(uri).pathname, "") : uri;
}
