import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import type { Engine } from "../../../engine/engine.ts";
import { openSecretStore } from "../../../secrets/secret-store.ts";
import { onSide } from "../../on-side.ts";

/** `podman secret exists`: the exit code tells. */
export const secretExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a secret exists",
  description: "Exits with 0 when there is such a secret, and with 1 when there is not.",
  usage: "SECRET",
  examples: ["podman secret exists ID"],
  flags: {},
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [reference = ""] = invocation.args;
    const found = await onSide(invocation, {
      local: (engine) => secretExists(engine, reference),
      remote: async (service) => (await import("../../../remote/secrets/deeds.ts")).secretExists(service, reference),
    });
    return found ? 0 : 1;
  },
});

function secretExists(engine: Engine, reference: string): boolean {
  try {
    openSecretStore(engine.paths.secretsDir).find(reference);
    return true;
  } catch (error) {
    if (isErrorOfKind(error, "not-found")) return false;
    throw error;
  }
}
