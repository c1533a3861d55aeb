import type { BuildPorts } from "./build-options.ts";

/** Tells of something odd that does not stop the build, in the form of the original's log. */
export function warn(ports: Pick<BuildPorts, "stderr">, message: string): void {
  ports.stderr(`time="${new Date().toISOString().slice(0, 19)}Z" level=warning msg=${JSON.stringify(message)}\n`);
}
