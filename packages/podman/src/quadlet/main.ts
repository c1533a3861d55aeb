import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { podmanVersion } from "../system/version.ts";
import { runGenerator } from "./generator.ts";

/** Runs the generator; the number is the exit code. Services call the podman that this executable is, wherever it was put. */
export function main(argv: readonly string[]): number {
  const own = process.execPath;
  const beside = [own, join(dirname(own), "podman")].find((path) => basename(path) === "podman" && existsSync(path)) ?? "/usr/bin/podman";
  const podman = process.env["PODMAN"];
  return runGenerator(argv, {
    argv0: process.argv0,
    env: process.env,
    uid: process.getuid?.() ?? 0,
    podman: podman === undefined || podman === "" ? beside : podman,
    version: podmanVersion,
  });
}
