import { defineCommand, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { InitContainerType } from "../../../container-spec/container-spec.ts";
import { createContainer } from "../../../containers/creation/create.ts";
import { containerSpec, createFlags, writeIdFile } from "../../flags/create-flags.ts";
import { onSide } from "../../on-side.ts";
import { registryAccess } from "../image/with-images.ts";
import { engineForImages } from "./engine-for-images.ts";

/** `podman create`. */
export const createCommand = defineCommand({
  name: "create",
  summary: "Create a container without starting it",
  description: "Makes a container out of an image and prints its id. It is started by podman start.",
  usage: "IMAGE [COMMAND [ARG...]]",
  examples: ["podman create alpine ls", "podman create --annotation HELLO=WORLD alpine ls"],
  flags: {
    ...createFlags,
    "init-ctr": { type: "string", description: 'Make it an init container of the pod, which runs before the others: "always", or "once"' },
  },
  args: { min: 1 },
  stopAtFirstArgument: true,
  run: async (invocation) => {
    const spec = { ...containerSpec(invocation), initContainer: initContainerType(invocation) };
    const id = await onSide(invocation, {
      local: async () => (await createContainer(engineForImages(invocation), spec)).config.id,
      remote: async (service) => {
        const remote = await import("../../../remote/containers/create.ts");
        return remote.createContainer(service, { spec, access: registryAccess(invocation), warn: invocation.out.stderr });
      },
    });
    writeIdFile(invocation.flags.cidfile, id);
    invocation.out.stdout(`${id}\n`);
    return undefined;
  },
});

function initContainerType({ flags, given }: Invocation<{ initCtr?: string }>): InitContainerType | undefined {
  if (!given("init-ctr")) return undefined;
  if (!given("pod")) throw new ToolError("invalid-argument", "must specify pod value with init-ctr");
  if (flags.initCtr !== "always" && flags.initCtr !== "once")
    throw new ToolError("invalid-argument", "init-ctr value must be 'always' or 'once'");
  return flags.initCtr;
}
