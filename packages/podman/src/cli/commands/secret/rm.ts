import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { TargetReport } from "../../../containers/options.ts";
import type { Engine } from "../../../engine/engine.ts";
import { openSecretStore } from "../../../secrets/secret-store.ts";
import { onSide } from "../../on-side.ts";
import { printReports } from "../container/targets.ts";

/** `podman secret rm`. */
export const secretRmCommand = defineCommand({
  name: "rm",
  summary: "Remove one or more secrets",
  description: "Removes secrets. Containers that were made with them keep them.",
  usage: "SECRET [SECRET...]",
  examples: ["podman secret rm mysecret1 mysecret2"],
  flags: {
    all: { type: "bool", short: "a", description: "Remove all secrets" },
    ignore: { type: "bool", short: "i", description: "Do not mind secrets that are not there" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.all === args.length > 0)
      throw new ToolError("invalid-argument", "`podman secret rm` requires one argument, or the --all flag");
    const references = flags.all ? undefined : args;
    const reports = await onSide(invocation, {
      local: (engine) => removeSecrets(engine, references, flags.ignore),
      remote: async (service) => (await import("../../../remote/secrets/deeds.ts")).removeSecrets(service, references, flags.ignore),
    });
    return printReports(reports, out, ({ id, reference }) => id ?? reference);
  },
});

/** Without references, all of them. */
function removeSecrets(engine: Engine, references: readonly string[] | undefined, ignore: boolean): TargetReport[] {
  const store = openSecretStore(engine.paths.secretsDir);
  const reports: TargetReport[] = [];
  for (const reference of references ?? store.list().map(({ id }) => id)) {
    try {
      const { id, name } = store.remove(reference);
      engine.events.write({ type: "secret", status: "remove", id });
      reports.push({ reference, id, name });
    } catch (error) {
      if (ignore && isErrorOfKind(error, "not-found")) continue;
      reports.push({ reference, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return reports;
}
