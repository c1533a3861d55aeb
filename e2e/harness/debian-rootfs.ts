import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemProgram } from "./binaries.ts";
import { runCommand } from "./run-command.ts";

/**
 * A tar of a Debian root file system made by debootstrap (about 8,000 files), the real input of many tests. Made once and kept
 * in the checkout (not in git) for later runs, also those in another root file system that sees the checkout; the path.
 */
export async function debianRootfsTar(): Promise<string> {
  const directory = process.env.E2E_FIXTURES ?? join(dirname(import.meta.dirname), ".fixtures");
  const tar = join(directory, "debian-bookworm.tar");
  if (existsSync(tar)) return tar;
  const debootstrap = systemProgram("debootstrap");
  if (debootstrap === undefined) throw new Error("debootstrap is missing; install the package debootstrap");
  mkdirSync(directory, { recursive: true });
  const rootfs = join(directory, `rootfs-${process.pid}`);
  const made = await runCommand(debootstrap, ["--variant=minbase", "--no-check-gpg", "bookworm", rootfs, ...aptMirror()], {
    timeout: 600_000,
  });
  if (made.exitCode !== 0) throw new Error(`debootstrap: ${made.stderr || made.stdout.slice(-2000)}`);
  const packed = await runCommand("tar", ["-C", rootfs, "--numeric-owner", "--xattrs", "--one-file-system", "-cf", `${tar}.new`, "."], {
    timeout: 300_000,
  });
  if (packed.exitCode !== 0) throw new Error(`tar: ${packed.stderr}`);
  renameSync(`${tar}.new`, tar);
  rmSync(rootfs, { recursive: true, force: true });
  return tar;
}

/** A mirror of Debian itself that this machine's apt uses, so that no other host is asked: one whose path ends in `/debian`. */
function aptMirror(): string[] {
  const files = ["/etc/apt/sources.list", ...list("/etc/apt/sources.list.d")].filter((file) => existsSync(file));
  const uris = files.flatMap((file) => readFileSync(file, "utf8").match(/https?:\/\/[^\s\]]+/g) ?? []);
  const mirror = uris.find((uri) => /\/debian\/?$/.test(uri));
  return mirror === undefined ? [] : [mirror];
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
}
