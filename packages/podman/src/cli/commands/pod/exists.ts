import { defineCommand } from "@containers/common/cli/define-command";
import { engineFor } from "../container/targets.ts";

/** `podman pod exists`: prints nothing, answers by exit code. */
export const podExistsCommand = defineCommand({
  name: "exists",
  summary: "Check if a pod exists in local storage",
  description: "The exit code is 0 when the named pod exists, else 1.",
  usage: "POD",
  examples: ["podman pod exists podID", "podman pod exists mypod || podman pod create --name mypod"],
  flags: {},
  args: { min: 1, max: 1 },
  run: (invocation) => {
    const pod = engineFor(invocation).state.pods.resolve(invocation.args[0] ?? "");
    return pod === undefined || pod.isCreating ? 1 : 0;
  },
});
