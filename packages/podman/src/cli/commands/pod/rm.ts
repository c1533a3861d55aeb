import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { removePods } from "../../../pods/remove.ts";
import { noSuchPod } from "../../../pods/resolve-pod.ts";
import { engineFor } from "../container/targets.ts";
import { choosePodFlags, choosePods, dropIdFiles, podIdFileFlag, printPodReports } from "./targets.ts";

/** `podman pod rm`. */
export const podRmCommand = defineCommand({
  name: "rm",
  summary: "Remove one or more pods",
  description: "Removes pods and their containers; running ones only with --force.",
  usage: "POD [POD...]",
  examples: ["podman pod rm mywebserverpod", "podman pod rm -f 860a4b23", "podman pod rm -f -a"],
  flags: {
    ...choosePodFlags,
    ...podIdFileFlag,
    force: { type: "bool", short: "f", description: "Stop running containers first, and do not mind missing pods" },
    ignore: { type: "bool", short: "i", description: "Do not mind pods that are not there" },
    time: { type: "int", short: "t", description: "Seconds until SIGKILL, with --force" },
  },
  args: { min: 0 },
  run: async (invocation) => {
    const { flags, args, out } = invocation;
    if (flags.time !== undefined && !flags.force)
      throw new ToolError("invalid-argument", "--force option must be specified to use the --time option");
    const engine = engineFor(invocation);
    const ignore = flags.ignore || flags.force;
    const missing = ignore ? undefined : args.find((reference) => engine.state.pods.resolve(reference) === undefined);
    if (missing !== undefined) throw new ToolError("not-found", noSuchPod(missing).message, { exitCode: 1 });
    const chosen = choosePods(engine, { ...flags, args, ignore });
    const timeout = flags.time === undefined ? {} : { timeout: flags.time };
    const code = printPodReports(await removePods(engine, chosen, { force: flags.force, ...timeout }), out);
    dropIdFiles(engine, flags.podIdFile);
    return code;
  },
});
