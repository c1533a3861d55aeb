import { type BuildPorts, runBuildCommand } from "@containers/buildah/index";
import { defineCommand, type FlagValues, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import { decryptionKeysOf } from "@containers/image/encryption/choose";
import type { Engine } from "../../engine/engine.ts";
import { takeCredentials } from "../../images/build-credentials.ts";
import { buildPorts } from "../../images/build-ports.ts";
import type { Service } from "../../remote/service.ts";
import { podmanBuildFlags } from "../flags/build-flags.ts";
import { isRemote, localEngine, onSide } from "../on-side.ts";
import { registryAccess } from "./image/with-images.ts";

export type BuildInvocation = Invocation<FlagValues<typeof podmanBuildFlags>>;

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
  flags: podmanBuildFlags,
  args: { min: 0, max: 1 },
  run: async (invocation) => {
    if (invocation.given("squash") && invocation.given("squash-all"))
      throw new ToolError("invalid-argument", "cannot specify --squash-all with --squash");
    if (isRemote(invocation)) return buildAtService(invocation);
    await buildHere(invocation, localEngine(invocation));
    return undefined;
  },
});

/** Builds with this machine's engine; gives the image's id. `stdio` is what commands of the build read and write. */
export async function buildHere(invocation: BuildInvocation, engine: Engine, stdio?: BuildPorts["stdio"]): Promise<string> {
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
      const ports = buildPorts(engine, images, { quiet: flags.quiet, signal: controller.signal, ...out });
      return stdio === undefined ? ports : { ...ports, stdio };
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
  return imageId;
}

/**
 * podman's words for what becomes of layers in buildah's: `--squash` makes one layer of the new ones and keeps those of the base image,
 * `--squash-all` makes one of all.
 */
function asBuildah(invocation: BuildInvocation): BuildInvocation {
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

async function buildAtService(invocation: BuildInvocation): Promise<undefined> {
  const { out, flags } = invocation;
  const id = await onSide(invocation, {
    local: () => "",
    // Like the original: with --quiet the id alone, and on standard output.
    remote: (service) => buildThere(invocation, service, flags.quiet ? () => undefined : out.stdout),
  });
  if (flags.quiet) out.stdout(`${id}\n`);
  return undefined;
}

/** Lets a service build; gives the image's id. */
export async function buildThere(invocation: BuildInvocation, service: Service, write: (text: string) => void): Promise<string> {
  const { args, given, flags } = invocation;
  const { buildImage } = await import("../../remote/images/build.ts");
  const access = registryAccess(invocation);
  return buildImage(service, { flags, given, names: Object.keys(podmanBuildFlags), context: args[0], access, write });
}
