import { defineCommand } from "@containers/common/cli/define-command";
import { runHealthCheck } from "../../../containers/health/run-check.ts";
import { onSide } from "../../on-side.ts";

/** `podman healthcheck run`: 0 when the check passed, 1 when it failed. */
export const healthcheckRunCommand = defineCommand({
  name: "run",
  summary: "Run the health check of a container",
  description: "Runs the health check of a running container once. The exit code is 0 when it passed and 1 when it did not.",
  usage: "CONTAINER",
  examples: ["podman healthcheck run mywebapp"],
  flags: { "ignore-result": { type: "bool", hidden: true, description: "Exit with 0 whatever the result is" } },
  args: { min: 1, max: 1 },
  run: async (invocation) => {
    const [reference = ""] = invocation.args;
    const result = await onSide<string, unknown>(invocation, {
      local: (engine) => runHealthCheck(engine, reference),
      remote: async (service) => (await import("../../../remote/containers/inspect.ts")).runHealthCheck(service, reference),
    });
    if (result === "healthy") return 0;
    invocation.out.stdout(`${result}\n`);
    return invocation.flags.ignoreResult ? 0 : 1;
  },
});
