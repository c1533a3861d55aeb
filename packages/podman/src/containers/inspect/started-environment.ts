import { readFileSync } from "node:fs";
import { errnoCode } from "@containers/common/sys/sys-error";

/**
 * The environment that a container's program got at its last start, out of the spec in its directory. Undefined without a spec; also while it is being
 * written, and where a power failure spoilt it.
 */
export function startedEnvironment(staticDir: string): readonly string[] | undefined {
  try {
    // Written by this engine when the container was started.
    const spec = JSON.parse(readFileSync(`${staticDir}/config.json`, "utf8")) as { readonly process: { readonly env: readonly string[] } };
    return spec.process.env;
  } catch (error) {
    if (error instanceof SyntaxError || errnoCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
