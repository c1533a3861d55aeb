/**
 * The order in which commands need their bytecode. An executable that is laid out so starts with fewer page faults: everyday commands cost an eighth less.
 * The order is recorded by running an executable that was built without; files of an earlier build serve as well, since what they name and is no more counts for nothing.
 */
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A command that hangs is given up; so is its order. */
const PATIENCE_MS = 20_000;

/** The files of an earlier build, the most important first; none when there was none. */
export function knownOrder(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".order"))
    .sort()
    .map((name) => join(directory, name));
}

/** Runs what everybody runs in a store of its own, each into a file. What fails here (no rights, no runtime) only leaves its order unknown. */
export function recordOrder(executable: string, directory: string): readonly string[] {
  const place = mkdtempSync(join(tmpdir(), "bytecode-order-"));
  try {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    for (const name of ["podman", "skopeo", "buildah", "conmon"]) linkOrCopy(executable, join(place, name));
    for (const [index, command] of commandsIn(place).entries()) {
      const file = join(directory, `${String(index).padStart(2, "0")}.order`);
      Bun.spawnSync({
        cmd: [join(place, command[0] ?? ""), ...command.slice(1)],
        cwd: place,
        env: { PATH: process.env["PATH"] ?? "", HOME: place, TMPDIR: place, BUN_BYTECODE_ORDER_OUT: file },
        stdio: ["ignore", "ignore", "ignore"],
        timeout: PATIENCE_MS,
      });
    }
    return knownOrder(directory);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** The commands, most important first. An ordinary user's podman would make user namespaces: theirs are left out. */
function commandsIn(place: string): ReadonlyArray<readonly string[]> {
  writeFileSync(join(place, "empty.tar"), new Uint8Array(10240));
  const podman = ["podman", "--root", "r", "--runroot", "rr", "--tmpdir", "t", "--storage-driver", "vfs", "--events-backend", "none"].map(
    (word) => (word.length <= 2 ? join(place, word) : word),
  );
  const local = [
    ["import", "-q", "empty.tar", "localhost/it"],
    ["create", "--network", "none", "--name", "it", "localhost/it", "true"],
    ["ps", "-a"],
    ["inspect", "it"],
    ["images"],
    ["image", "inspect", "localhost/it"],
    ["rm", "it"],
  ].map((words) => [...podman, ...words]);
  const anywhere = [
    ["skopeo", "inspect", "--tls-verify=false", "docker://127.0.0.1:1/it"],
    ["skopeo", "list-tags", "--tls-verify=false", "docker://127.0.0.1:1/it"],
    ["skopeo", "inspect", "tarball:empty.tar"],
    ["buildah", "--version"],
    ["conmon", "--version"],
  ];
  return process.getuid?.() === 0 ? [...local, ...anywhere] : anywhere;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system: the copy is as good, and as short-lived.
    Bun.spawnSync({ cmd: ["cp", from, to] });
  }
}
