/**
 * What everyday commands use of the executable, recorded by running them once in a tree: which modules each loads (`module-groups.ts` joins what is loaded together), and
 * the order in which they need their bytecode. An executable that is laid out so starts with fewer page faults.
 * Files of an earlier build serve as well: what they name and is no more counts for nothing. Remove `dist/recorded-use` to have all recorded again.
 */
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A command that hangs is given up; so is what it would have recorded. */
const PATIENCE_MS = 20_000;

/** The variables by which a run is told to record: the order by the runtime itself, the modules by `instrumented`. */
const VARIABLES = { order: "BUN_BYTECODE_ORDER_OUT", modules: "CONTAINERS_MODULES_OUT" } as const;

/** A file that is whole. A monitor outlives the command that started it, and writes its own under another name first, which is gone a moment later. */
const FINISHED = /^\d\d\.[a-z]+$/;

export type Kind = keyof typeof VARIABLES;

/** The files of one kind, those of the most important command first; none when nothing was recorded. */
export function recordedFiles(directory: string, kind: Kind): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => FINISHED.test(name) && name.endsWith(`.${kind}`))
    .sort()
    .map((name) => join(directory, name));
}

/** The modules that each recorded command loaded, by their paths from the root of the workspace. */
export function recordedModules(directory: string): ReadonlyArray<ReadonlySet<string>> {
  return recordedFiles(directory, "modules").map((file) => new Set(readFileSync(file, "utf8").split("\n")));
}

/** A module's source with a note of its own name at its end; the first module writes all names down when the program ends. */
export function instrumented(source: string, name: string, { isFirst }: { readonly isFirst: boolean }): string {
  const note = `\n;(globalThis.loadedModules ??= []).push(${JSON.stringify(name)});`;
  const text = source.replace(/^#!.*/, "");
  if (!isFirst) return `${text}${note}`;
  const file = `process.env.${VARIABLES.modules}`;
  return `process.on("exit", () => { if (${file}) require("node:fs").writeFileSync(${file}, loadedModules.join("\\n")); });\n${text}${note}`;
}

/** Runs what everybody runs in a store of its own, each into a file. What fails here (no rights, no runtime) only leaves the rest of its use unknown. */
export async function recordUse(executable: string, directory: string, kind: Kind): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "recorded-use-"));
  const registry = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: answer });
  try {
    mkdirSync(directory, { recursive: true });
    for (const file of recordedFiles(directory, kind)) rmSync(file);
    for (const name of ["podman", "skopeo", "buildah", "conmon"]) linkOrCopy(executable, join(place, name));
    for (const [index, [program = "", ...args]] of commandsIn(place, `docker://127.0.0.1:${registry.port}/it`).entries()) {
      const file = join(directory, `${String(index).padStart(2, "0")}.${kind}`);
      const run = Bun.spawn({
        cmd: [join(place, program), ...args],
        cwd: place,
        env: { PATH: process.env["PATH"] ?? "", HOME: place, TMPDIR: place, [VARIABLES[kind]]: file },
        stdio: ["ignore", "ignore", "ignore"],
        timeout: PATIENCE_MS,
      });
      await run.exited;
    }
  } finally {
    await registry.stop(true);
    // A monitor that was given up may still write there.
    rmSync(place, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/**
 * The commands, most important first. An ordinary user's podman would make user namespaces: theirs are left out. The runtime is one that always
 * fails, so that `run` comes as far as it can without a container; the network, the mounts and the cgroup are nobody's.
 */
function commandsIn(place: string, image: string): ReadonlyArray<readonly string[]> {
  writeFileSync(join(place, "empty.tar"), new Uint8Array(10240));
  const podman = ["podman", "--root", "r", "--runroot", "rr", "--tmpdir", "t", "--events-backend", "none", "--storage-driver"].map(
    (word) => (word.length <= 2 ? join(place, word) : word),
  );
  const alone = ["--network", "none", "--ipc", "host"];
  const local = [
    ["import", "-q", "empty.tar", "localhost/it"],
    ["create", ...alone, "--name", "it", "localhost/it", "true"],
    ["ps", "-a"],
    ["inspect", "it"],
    ["images"],
    ["image", "inspect", "localhost/it"],
    ["--runtime", "/bin/false", "run", "--rm", ...alone, "localhost/it", "true"],
    ["container", "cleanup", "it"],
    ["exec", "it", "true"],
    ["info"],
    ["rm", "it"],
  ].map((words) => [...podman, "vfs", ...words]);
  // The usual driver, as far as it comes without a mount: what vfs alone needs must not be taken for what all need.
  const usual = [...podman.map((word) => (word.startsWith(place) ? `${word}o` : word)), "overlay", "images"];
  const anywhere = [
    ["podman", "--version"],
    ["skopeo", "inspect", "--tls-verify=false", image],
    ["skopeo", "list-tags", "--tls-verify=false", image],
    ["skopeo", "inspect", "tarball:empty.tar"],
    ["buildah", "--version"],
    [
      "conmon",
      "-c",
      "it",
      "-u",
      "it",
      "-n",
      "it",
      "-r",
      "/bin/false",
      "-b",
      place,
      "-p",
      join(place, "pid"),
      "-l",
      `k8s-file:${place}/log`,
    ],
  ];
  return process.getuid?.() === 0 ? [...local, usual, ...anywhere] : anywhere;
}

/** A registry with one image of no layers. */
function answer({ url }: Request): Response {
  const config = '{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}';
  const { pathname } = new URL(url);
  if (pathname.endsWith("/tags/list")) return Response.json({ name: "it", tags: ["latest"] });
  if (pathname.includes("/blobs/")) return new Response(config);
  if (!pathname.includes("/manifests/")) return new Response("{}");
  const digest = `sha256:${new Bun.CryptoHasher("sha256").update(config).digest("hex")}`;
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  const described = { mediaType: "application/vnd.oci.image.config.v1+json", digest, size: config.length };
  return new Response(JSON.stringify({ schemaVersion: 2, mediaType, config: described, layers: [] }), {
    headers: { "content-type": mediaType },
  });
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system: the copy is as good, and as short-lived.
    Bun.spawnSync({ cmd: ["cp", from, to] });
  }
}
