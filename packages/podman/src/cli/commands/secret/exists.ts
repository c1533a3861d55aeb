import { defineCommand } from "@containers/common/cli/define-command";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { openSecretStore } from "../../../secrets/secret-store.ts";
import { engineFor } from "../container/targets.ts";

/** `podman secret exists`: the exit code tells. */
export const secretExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a secret exists",
  description: "Exits with 0 when there is such a secret, and with 1 when there is not.",
  usage: "SECRET",
  examples: ["podman secret exists ID"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) => {
    try {
      openSecretStore(engineFor(invocation).paths.secretsDir).find(invocation.args[0] ?? "");
      return 0;
    } catch (error) {
      if (isErrorOfKind(error, "not-found")) return 1;
      throw error;
    }
  },
});
