import { buildFlags, runBuildCommand } from "@containers/buildah/index";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { decryptionKeysOf } from "@containers/image/encryption/choose";
import { takeCredentials } from "../../images/build-credentials.ts";
import { buildPorts } from "../../images/build-ports.ts";
import { isRemote, localEngine, onSide } from "../on-side.ts";
import { registryAccess } from "./image/with-images.ts";

const flags = {
  ...buildFlags,
  "force-rm": {
    type: "bool",
    default: true,
    description: "Always remove intermediate containers after a build, even if the build is unsuccessful.",
  },
  layers: {
    type: "bool",
    default: true,
    description: "use intermediate layers during build. Use BUILDAH_LAYERS environment variable to override.",
  },
  load: { type: "bool", hidden: true, description: "accepted for compatibility: images always go to the local store" },
  "squash-all": { type: "bool", description: "squash all layers, those of the base image too, into a single layer" },
  progress: { type: "string", hidden: true, description: "accepted for compatibility: there is one kind of progress" },
} as const;

/** `podman build`: buildah's build, with the engine's store and networks. */
export const buildCommand = defineCommand({
  name: "build",
  summary: "Build an image using instructions from Containerfiles",
  description: "Builds an OCI or Docker image using instructions from one or more Containerfiles and a specified build context directory.",
  usage: "[CONTEXT]",
  examples: [
    "podman build .",
    "podman build --creds=username:password -t imageName -f Containerfile.simple .",
    "podman build --layers --force-rm --tag imageName .",
  ],
  flags,
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    if (invocation.given("squash") && invocation.given("squash-all"))
      throw new ToolError("invalid-argument", "cannot specify --squash-all with --squash");
    if (isRemote(invocation)) return buildAtService(invocation);
    const engine = localEngine(invocation);
    // One that is missing is said before anything is built.
    engine.runtime();
    const controller = new AbortController();
    const stop = (): void => controller.abort(new Error("cancelled"));
    process.once("SIGINT", stop);
    process.once("SIGTERM", stop);
    const { out, flags } = invocation;
    const built = runBuildCommand(
      asBuildah(invocation),
      async () => {
        const registry = { ...engine.images.registry, ...takeCredentials(), ...registryAccess(invocation) };
        const images = { ...engine.images, registry, ...decryptionKeysOf(flags.decryptionKey) };
        return buildPorts(engine, images, { quiet: flags.quiet, signal: controller.signal, ...out });
      },
      { layers: true, forceRemoveContainers: true, words },
    );
    // A build that failed has an event too, which names nothing.
    const tell = (name: string): void => engine.events.write({ type: "image", status: "build", name });
    const { imageId } = await built.catch((error: unknown) => {
      tell("");
      throw error;
    });
    tell(imageId);
    return undefined;
  },
});

/**
 * podman's words for what becomes of layers in buildah's: `--squash` makes one layer of the new ones and keeps those of the base image,
 * `--squash-all` makes one of all.
 */
function asBuildah(invocation: Invocation<FlagValues<typeof flags>>): Invocation<FlagValues<typeof flags>> {
  const { flags: values, given } = invocation;
  const squash = values.squash && !values.squashAll;
  if (!squash && !values.squashAll) return invocation;
  const layers = !squash && given("layers") && values.layers;
  return { ...invocation, given: (flag) => flag === "layers" || given(flag), flags: { ...values, squash: values.squashAll, layers } };
}

const words = {
  describeMissing: (directory: string): string =>
    `no Containerfile or Dockerfile specified or found in context directory, ${directory}: no such file or directory`,
  describeNoContext: (path: string): string => `context must be a directory: ${JSON.stringify(path)}`,
  describeNoFile: (file: string): string => `the specified Containerfile or Dockerfile does not exist, ${file}: no such file or directory`,
};

async function buildAtService<V>(invocation: Invocation<V>): Promise<undefined> {
  const { args, out, given } = invocation;
  const values = invocation.flags as Readonly<Record<string, unknown>>;
  const id = await onSide(invocation, {
    local: () => "",
    remote: async (service) => {
      const { buildImage } = await import("../../remote/images/build.ts");
      const access = registryAccess(invocation);
      // Like the original: with --quiet the id alone, and on standard output.
      const write = values["quiet"] === true ? () => undefined : out.stdout;
      return buildImage(service, { flags: values, given, names: Object.keys(flags), context: args[0], access, write });
    },
  });
  if (values["quiet"] === true) out.stdout(`${id}\n`);
  return undefined;
}
