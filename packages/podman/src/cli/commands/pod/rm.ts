import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../../engine/engine.ts";
import { removePods } from "../../../pods/remove.ts";
import { noSuchPod } from "../../../pods/resolve-pod.ts";
import { onSide } from "../../on-side.ts";
import { requireForce } from "../container/targets.ts";
import { choosePodFlags, choosePods, dropIdFiles, podIdFileFlag, podReferences, printPodReports } from "./targets.ts";

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
    requireForce(flags);
    const references = podReferences({ ...flags, args });
    const ignore = flags.ignore || flags.force;
    const options = { force: flags.force, ...(flags.time === undefined ? {} : { timeout: flags.time }) };
    // Looked for before anything is chosen: the exit code tells that one is missing.
    return onSide(invocation, {
      local: async (engine) => {
        if (!ignore) requirePods(engine, args);
        const code = printPodReports(await removePods(engine, choosePods(engine, { ...flags, args, ignore }), options), out);
        await dropIdFiles(flags.podIdFile, (id) => engine.state.pods.get(id) !== undefined);
        return code;
      },
      remote: async (service) => {
        const deeds = await import("../../../remote/pods/deeds.ts");
        const chosen = references === "all" ? await deeds.allPods(service) : references;
        const code = printPodReports(await deeds.removePods(service, chosen, { ...options, ignore }), out);
        await dropIdFiles(flags.podIdFile, (id) => deeds.podExists(service, id));
        return code;
      },
    });
  },
});

function requirePods(engine: Engine, references: readonly string[]): void {
  const missing = references.find((reference) => engine.state.pods.resolve(reference) === undefined);
  if (missing !== undefined) throw new ToolError("not-found", noSuchPod(missing).message, { exitCode: 1 });
}
