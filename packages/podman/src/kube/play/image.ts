import { existsSync } from "node:fs";
import { join } from "node:path";
import { ToolError } from "@containers/common/errors/tool-error";
import { resolveLocalImage } from "@containers/image/local-images/resolve-name";
import type { PullChoice } from "../../container-spec/container-spec.ts";
import type { ImageFacts } from "../../container-spec/settle-context.ts";
import { resolveImage } from "../../containers/creation/resolve-image.ts";
import type { Engine } from "../../engine/engine.ts";
import type { PlayKubeOptions } from "./options.ts";

/**
 * The image of a container: built where a directory of its name holds a Containerfile, else the local one, or pulled as its policy says.
 */
export async function playImage(
  engine: Engine,
  { name, pullPolicy }: { readonly name: string; readonly pullPolicy: string | undefined },
  options: PlayKubeOptions,
): Promise<ImageFacts> {
  const file = options.build === false ? undefined : containerfileOf(name, options.contextDir ?? process.cwd());
  if (file !== undefined && (options.build === true || resolveLocalImage(engine.images, name) === undefined)) {
    const { buildPodImage } = await import("./build-image.ts");
    await buildPodImage(engine, { name, ...file, quiet: options.quiet === true });
    return resolveImage(engine, { ...NO_SPEC, image: name, pull: { policy: "never" } });
  }
  return resolveImage(engine, { ...NO_SPEC, image: name, pull: { policy: policyOf(name, pullPolicy), quiet: options.quiet } });
}

const NO_SPEC = { network: {}, namespaces: {}, security: {}, resources: {} } as const;

/** `DIR/foo/Containerfile` for the image `registry/team/foo:tag`. */
function containerfileOf(image: string, directory: string): { readonly file: string; readonly context: string } | undefined {
  const name = image.split(":")[0]?.split("/").at(-1)?.split("@")[0] ?? "";
  const context = join(directory, name);
  const file = ["Containerfile", "Dockerfile"].map((one) => join(context, one)).find((path) => existsSync(path));
  return file === undefined ? undefined : { file, context };
}

/** Without a policy, `latest` of a named registry may be outdated; anything else that is there will do. */
function policyOf(image: string, asked: string | undefined): PullChoice["policy"] {
  switch ((asked ?? "").toLowerCase()) {
    case "":
      return isLatestOfRegistry(image) ? "newer" : "missing";
    case "always":
      return "always";
    case "ifnotpresent":
    case "missing":
      return "missing";
    case "never":
      return "never";
    case "newer":
    case "ifnewer":
      return "newer";
    default:
      throw new ToolError("invalid-argument", `unsupported pull policy "${asked?.toLowerCase()}"`);
  }
}

function isLatestOfRegistry(image: string): boolean {
  const [registry = "", ...path] = image.split("/");
  if (path.length === 0 || image.includes("@")) return false;
  if (!/[.:]/.test(registry) && registry !== "localhost") return false;
  const tag = path.at(-1)?.split(":")[1];
  return tag === undefined || tag === "latest";
}
