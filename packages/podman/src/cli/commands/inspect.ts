import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { onSide } from "../on-side.ts";
import { inspectedNames, latestContainer, latestFlag } from "./container/targets.ts";
import { inspectAll, inspectFormatFlag } from "./inspect-output.ts";

const types = ["image", "container", "pod", "network", "volume", "artifact", "all"];

const flags = {
  ...latestFlag,
  ...inspectFormatFlag,
  size: { type: "bool", short: "s", description: "Count the size of a container's files" },
  type: {
    type: "string",
    short: "t",
    default: "all",
    description: "What to look for (image, container, pod, network, volume, artifact, all)",
  },
} as const;

/** `podman inspect`: whatever has the name, containers first. */
export const inspectCommand = defineCommand({
  name: "inspect",
  summary: "Display the configuration of a container, image, network, pod or volume",
  description:
    "Prints everything that is known of the named objects: the first of a container, an image, a volume, a network and a pod that has the name.",
  usage: "{CONTAINER|IMAGE|NETWORK|POD|VOLUME} [...]",
  examples: ["podman inspect fedora", "podman inspect --type image fedora", "podman inspect --format '{{.State.Status}}' CtrID"],
  flags,
  args: { min: 0 },
  run: (invocation) => inspect(invocation),
});

async function inspect(invocation: Invocation<FlagValues<typeof flags>>): Promise<number> {
  const { flags: values, args, out } = invocation;
  const { type } = values;
  if (!types.includes(type)) {
    throw new ToolError(
      "invalid-argument",
      `invalid type ${JSON.stringify(type)}: must be "image", "container", "pod", "network", "volume", "artifact", or "all"`,
    );
  }
  inspectedNames(args, values.latest);
  const { format, size } = values;
  return onSide(invocation, {
    local: (engine) => {
      const references = values.latest ? [latestContainer(engine)] : args;
      return inspectAll(references, { format, out, find: (reference) => find(engine, { reference, type, size }) });
    },
    remote: async (service) => {
      const { inspectAny } = await import("../../remote/inspect-any.ts");
      return inspectAll(args, { format, out, find: (reference) => inspectAny(service, { reference, type, size }) });
    },
  });
}

async function find(engine: Engine, { reference, type, size }: { reference: string; type: string; size: boolean }): Promise<unknown> {
  const container = type === "all" || type === "container" ? engine.state.containers.resolve(reference) : undefined;
  if (container !== undefined) {
    const { inspectContainer } = await import("../../containers/inspect/inspect-container.ts");
    return inspectContainer(engine, container, { size });
  }
  for (const one of type === "all" ? ["image", "volume", "network", "pod", "artifact"] : [type]) {
    const found = await findOther(engine, one, reference);
    if (found !== undefined) return found;
  }
  throw new ToolError(
    "not-found",
    type === "all" ? `no such object: ${JSON.stringify(reference)}` : `no such ${type} ${JSON.stringify(reference)}`,
  );
}

async function findOther(engine: Engine, type: string, reference: string): Promise<unknown> {
  try {
    if (type === "image") {
      const { inspectImage } = await import("@containers/image/local-images/inspect");
      return await inspectImage(engine.images, reference);
    }
    if (type === "network") {
      const { inspectNetwork } = await import("../../networks/inspect.ts");
      return inspectNetwork(engine, reference);
    }
    if (type === "pod") {
      const pod = engine.state.pods.resolve(reference);
      if (pod === undefined || pod.isCreating) return undefined;
      const { inspectPod } = await import("../../pods/inspect.ts");
      return await inspectPod(engine, pod);
    }
    if (type === "artifact") {
      const { artifactStore, requireArtifact } = await import("@containers/image/artifacts/artifact-store");
      const { artifactJson } = await import("./artifact/inspect.ts");
      return artifactJson(requireArtifact(artifactStore(engine.store.graphRoot), reference));
    }
    if (type === "volume") {
      const { describeVolume, withStatus } = await import("../../volumes/inspect.ts");
      const volume = engine.state.volumes.resolve(reference);
      return volume === undefined ? undefined : describeVolume(await withStatus(engine, volume));
    }
    return undefined;
  } catch (error) {
    // What cannot be an image's name may still be nobody's at all.
    if (isErrorOfKind(error, "not-found") || isErrorOfKind(error, "invalid-argument")) return undefined;
    throw error;
  }
}
