import { defineCommand } from "@containers/common/cli/define-command";
import { attachContainer } from "../../../containers/attach/attach-container.ts";
import { onSide } from "../../on-side.ts";
import { latestFlag, latestMissing, oneContainer, oneReference } from "./targets.ts";

/** `podman attach`. */
export const attachCommand = defineCommand({
  name: "attach",
  summary: "Attach to a running container",
  description: "Joins this terminal to a running container's streams.",
  usage: "CONTAINER",
  examples: ["podman attach ctrID", "podman attach --no-stdin ctrID"],
  flags: {
    ...latestFlag,
    "detach-keys": { type: "string", default: "ctrl-p,ctrl-q", description: "Keys that leave the container running; empty for none" },
    "no-stdin": { type: "bool", description: "Leave standard input out" },
    "sig-proxy": { type: "bool", default: true, description: "Hand signals on to the container" },
  },
  args: { max: 1 },
  // Like the original: a line's end after the container's output, and success whatever the container's exit code.
  run: async (invocation) => {
    const { flags, given, commandPath } = invocation;
    const missing = latestMissing(commandPath);
    const streams = {
      stdin: !flags.noStdin,
      stdout: true,
      stderr: true,
      sigProxy: flags.sigProxy,
      ...(given("detach-keys") ? { detachKeys: flags.detachKeys } : {}),
    };
    await onSide(invocation, {
      local: (engine) => attachContainer(engine, oneContainer(engine, invocation.args, { latest: flags.latest, missing }), streams),
      remote: async (service) =>
        (await import("../../../remote/containers/attach.ts")).attachContainer(service, oneReference(invocation.args, missing), streams),
    });
    invocation.out.stdout("\n");
    return 0;
  },
});
