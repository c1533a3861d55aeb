import { defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { inspectContainer } from "../../../containers/inspect/inspect-container.ts";
import type { Engine } from "../../../engine/engine.ts";
import { onSide } from "../../on-side.ts";
import { inspectAll, inspectFormatFlag } from "../inspect-output.ts";
import { inspectedNames, latestContainer, latestFlag } from "./targets.ts";

/** `podman container inspect`. */
export const containerInspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the configuration of a container",
  description: "Prints everything that is known of containers, as JSON or through a template.",
  usage: "CONTAINER [CONTAINER...]",
  examples: ["podman container inspect myCtr", "podman container inspect -l --format '{{.Id}} {{.Config.Labels}}'"],
  flags: {
    ...latestFlag,
    ...inspectFormatFlag,
    size: { type: "bool", short: "s", description: "Count the size of the container's files" },
  },
  args: { min: 0 },
  run: (invocation) => {
    const { flags, args, out } = invocation;
    inspectedNames(args, flags.latest);
    const { format, size } = flags;
    return onSide(invocation, {
      local: (engine) =>
        inspectAll(flags.latest ? [latestContainer(engine)] : args, { format, out, find: (reference) => find(engine, reference, size) }),
      remote: async (service) => {
        const remote = await import("../../../remote/containers/inspect.ts");
        return inspectAll(args, { format, out, find: (reference) => remote.inspectContainer(service, reference, { size }) });
      },
    });
  },
});

async function find(engine: Engine, reference: string, size: boolean): Promise<unknown> {
  const container = engine.state.containers.resolve(reference);
  if (container === undefined) throw new ToolError("not-found", `no such container ${JSON.stringify(reference)}`);
  return inspectContainer(engine, container, { size });
}
