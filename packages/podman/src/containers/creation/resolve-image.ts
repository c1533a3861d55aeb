import { writeSync } from "node:fs";
import { parseDuration } from "@containers/common/cli/flag-values/duration";
import { ToolError } from "@containers/common/errors/tool-error";
import { readImageConfig } from "@containers/image/local-images/image-config";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { imageUnknown, resolveLocalImage } from "@containers/image/local-images/resolve-name";
import { transportOf } from "@containers/image/transports/register";
import type { ContainerSpec, PullChoice } from "../../container-spec/container-spec.ts";
import type { ImageFacts } from "../../container-spec/settle-context.ts";
import type { Engine } from "../../engine/engine.ts";

/** The image of a new container: the local one, or pulled as the policy says. The puller is loaded only when it is needed. */
export async function resolveImage(
  engine: Pick<Engine, "store" | "images" | "events" | "config">,
  spec: ContainerSpec,
): Promise<ImageFacts> {
  const name = spec.image ?? "";
  if (name === "") throw new ToolError("invalid-argument", "an image or a root file system must be named");
  const policy = spec.pull?.policy ?? configuredPolicy(engine.config.engine.pullPolicy);
  engine.images.debug?.(() => `Pulling image ${name} (policy: ${policy})`);
  const platform = spec.pull?.platform;
  const local =
    policy === "always" || policy === "newer" || standsElsewhere(name) ? undefined : resolveLocalImage(engine.images, name, { platform });
  if (local !== undefined) return facts(engine, name, { id: local.image.id, name: local.name, digest: local.image.digest });
  if (policy === "never") throw imageUnknown(name);
  const { pullImage } = await import("@containers/image/local-images/pull");
  const known = { ...engine.images, decryptionKeys: spec.pull?.decryptionKeys };
  const images = spec.pull?.quiet === true ? known : withProgress(known);
  const pulled = await pullImage(images, name, {
    policy,
    ...(spec.pull?.platform === undefined ? {} : { platform: spec.pull.platform }),
    ...retries(engine, spec),
  });
  return facts(engine, name, { id: pulled.id, name: pulled.name, digest: engine.store.images.get(pulled.id)?.digest });
}

function configuredPolicy(text: string): NonNullable<PullChoice["policy"]> {
  return text === "always" || text === "never" || text === "newer" ? text : "missing";
}

/** The user's numbers, else containers.conf's. */
function retries({ config }: Pick<Engine, "config">, { pull }: ContainerSpec): { readonly retries?: number; readonly retryDelay?: number } {
  const delay = config.engine.retryDelay;
  const retryDelay = pull?.retryDelay ?? (delay === "" ? undefined : parseDuration(delay));
  const times = pull?.retries ?? config.engine.retry;
  return { retries: times, ...(retryDelay === undefined ? {} : { retryDelay }) };
}

/** An archive or a directory is read anew each time: what it holds may have changed. */
function standsElsewhere(name: string): boolean {
  const transport = transportOf(name);
  return transport !== undefined && transport !== "containers-storage";
}

/** Reports on standard error, as `podman pull` does. */
function withProgress(images: LocalImages): LocalImages {
  return {
    ...images,
    progress: async () => (await import("@containers/image/copy/progress")).progressFor(2),
    report: (line) => void writeSync(2, `${line}\n`),
  };
}

interface Found {
  readonly id: string;
  readonly name: string;
  readonly digest: string | undefined;
}

/** Every use of an image counts as a pull, as for the original, by the name that the user gave. */
function facts(engine: Pick<Engine, "store" | "events">, asked: string, { id, name, digest }: Found): ImageFacts {
  engine.events.write({ type: "image", status: "pull", id, name: asked });
  const { os, architecture, config } = readImageConfig(engine.store, id);
  return { id, name, digest: digest ?? "", platform: `${os}/${architecture}`, config };
}
