import { mkdirSync } from "node:fs";
import type { Engine } from "../../engine/engine.ts";

/** A path for a large temporary file that nobody else uses. The caller removes it. */
export function temporaryPath({ images, config }: Pick<Engine, "images" | "config">, suffix: string): string {
  const directory = images.temporaryDirectory ?? process.env.TMPDIR ?? (config.engine.imageCopyTmpDir || "/var/tmp");
  mkdirSync(directory, { recursive: true });
  return `${directory}/podman-api-${process.pid}-${crypto.randomUUID()}-${suffix}`;
}
