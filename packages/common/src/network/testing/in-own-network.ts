import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { findHelper } from "../helper-program.ts";

/** What a test in namespaces of its own lacks here: root, or programs. */
export function lackingFor(...programs: readonly string[]): string[] {
  return [...(process.geteuid?.() === 0 ? [] : ["root"]), ...[...programs, "unshare"].filter((name) => findHelper(name) === undefined)];
}

/** Starts a program of this folder in network and mount namespaces of its own, with a directory for its files; gives the JSON that it prints. */
export function runInOwnNetwork(program: string): unknown {
  const directory = mkdtempSync(`${tmpdir()}/network-`);
  try {
    const file = fileURLToPath(new URL(program, import.meta.url));
    const script = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"';
    const output = execFileSync("unshare", ["--net", "--mount", "sh", "-c", script, "sh", process.execPath, file, directory], {
      encoding: "utf8",
      timeout: 60_000,
    });
    return JSON.parse(output);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
