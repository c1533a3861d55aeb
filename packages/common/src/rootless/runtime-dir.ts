import { lstatSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { ToolError } from "../errors/tool-error.ts";
import { rootlessUid } from "./rootless.ts";

type Environment = Record<string, string | undefined>;

/**
 * The user's directory for run-time files, found (or made) as the original does where no login session has set
 * XDG_RUNTIME_DIR (`su`, `sudo -u`, cron): /run/user/UID, else storage-run-UID in the temporary directory. The answer is put into
 * `env`, because inside the user namespace geteuid() no longer tells whose directory it is.
 */
export function ensureRuntimeDir(env: Environment = process.env): string {
  const given = env.XDG_RUNTIME_DIR;
  if (given !== undefined && given !== "") return given;
  const uid = rootlessUid(env);
  const candidates = [`/run/user/${uid}`, `${tmpdir()}/storage-run-${uid}`];
  const found = candidates.find(isPrivateDirectory);
  if (found === undefined) {
    throw new ToolError("denied", `no directory for run-time files: neither ${candidates.join(" nor ")} belongs to uid ${uid} alone`, {
      hint: "set XDG_RUNTIME_DIR to a directory of your own with mode 0700",
    });
  }
  env.XDG_RUNTIME_DIR = found;
  return found;
}

/** Makes the directory where it can; true when it is a directory of this user's that nobody else can write to. */
function isPrivateDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700, recursive: true });
  } catch {
    // Not ours to make: the check below decides.
  }
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status?.isDirectory() === true && status.uid === process.geteuid?.() && (status.mode & 0o722) === 0o700;
}
