import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { buildBaseImage } from "./base-image.ts";
import { binDirectory, originalPath } from "./binaries.ts";
import { freePort, type RegistryServer, startRegistry } from "./registry.ts";
import { type ShellSession, startShell } from "./shell-session.ts";
import { type TourImage, tourImagesArchive } from "./tour-images.ts";
import { matches, parseTranscript, shown, type TranscriptStep, variablesIn } from "./transcript.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export interface TourOptions extends Omit<WorldOptions, "rootless"> {
  /** Who tours; by default root alone. */
  readonly users?: readonly ("root" | "rootless")[];
  /** Images that are in the store at the start: `debian` and `nginx`, or `base`, the machine's busybox, where the image does not matter. */
  readonly images?: readonly (TourImage | "base")[];
  /** Whether a registry on loopback runs, as `$REGISTRY`; plain http is allowed for it. */
  readonly registry?: boolean;
  /**
   * Whether `/etc/containers` and `/usr/share/containers` are the tour's own: `$WORLD/etc` and `$WORLD/share`; /etc/subuid and subgid have a range for
   * `--userns=auto` as well. The engine's own settings then
   * come from `$WORLD/share` (as if a distribution had made them), and none from the environment.
   */
  readonly ownSystem?: boolean;
  /** More variables of the shell, known when the tour starts. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Prepares the machine for the tour's world, and gives variables of the shell besides. */
  readonly prepare?: (world: World) => Promise<Preparation>;
  /** Why this machine cannot show the tour; undefined where it can. */
  readonly skip?: string | undefined;
}

interface Preparation {
  readonly variables: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

export interface Tour {
  /** Types a transcript (`transcript.ts`) and fails at the first command that does not print or exit as written. */
  readonly type: (text: TemplateStringsArray, ...values: readonly (string | number)[]) => Promise<void>;
  readonly user: "root" | "rootless";
  /** The world of the tour; only while a test runs. */
  world(): World;
}

/**
 * One tour: a `describe` for each of its users, in a world of its own with one shell that goes on from test to test. The shell
 * starts in the home directory and knows `$PORT`, `$PORT2`, `$PORT3` (free at the start), `$WORLD` (the world's directory), `$MANUALS` (built manual pages), `$REGISTRY`, and `$ORIGINAL_PODMAN`,
 * `$ORIGINAL_SKOPEO`, `$ORIGINAL_BUILDAH` where the original tools are installed.
 */
export function tour(title: string, options: TourOptions, body: (tour: Tour) => void): void {
  for (const user of options.users ?? ["root"]) {
    const heading = `${title} (${user === "root" ? "root" : "an ordinary user"})${options.skip === undefined ? "" : `: ${options.skip}`}`;
    describe.skipIf(options.skip !== undefined)(heading, () => describeTour(user, options, body));
  }
}

interface Scene {
  readonly world: World;
  readonly shell: ShellSession;
  readonly registry: RegistryServer | undefined;
  readonly preparation: Preparation | undefined;
}

function describeTour(user: Tour["user"], options: TourOptions, body: (tour: Tour) => void): void {
  let scene: Scene | undefined;
  const current = (): Scene => {
    if (scene === undefined) throw new Error("the tour has not started");
    return scene;
  };
  beforeAll(async () => {
    scene = await openScene(user, options);
  }, 900_000);
  afterAll(async () => {
    // In the shell, because what it mounted may be seen by nobody else.
    await scene?.shell.run("podman pod rm -f -a -t 0; podman rm -f -a -t 0", 60_000);
    scene?.shell.end();
    await scene?.preparation?.end();
    await scene?.registry?.stop();
    await scene?.world.destroy();
  });
  body({
    user,
    world: () => current().world,
    type: async (text, ...values) => {
      for (const step of parseTranscript(String.raw(text, ...values))) await play(current().shell, step);
    },
  });
}

async function openScene(user: Tour["user"], options: TourOptions): Promise<Scene> {
  const real = (["debian", "nginx"] as const).filter((name) => options.images?.includes(name));
  const archive = real.length === 0 ? undefined : await tourImagesArchive();
  const registry = options.registry === true ? await startRegistry() : undefined;
  const world = await createWorld({
    ...options,
    rootless: user === "rootless",
    session: options.prepare !== undefined,
    ...(registry === undefined ? {} : { insecure: [registry.address] }),
  });
  if (archive !== undefined) {
    await world.ok("podman", ["load", "-q", "-i", archive], { timeout: 300_000 });
    for (const name of ["debian", "nginx"] as const) if (!real.includes(name)) await world.podman("rmi", `localhost/${name}`);
  }
  if (options.images?.includes("base") === true) await buildBaseImage(world);
  if (registry !== undefined && options.ownSystem !== true) await forSkopeo(world);
  const preparation = await options.prepare?.(world);
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const variables = {
    WORLD: world.directory,
    MANUALS: join(binDirectory, "../man/man1"),
    ...Object.fromEntries(ports.map((port, index) => [index === 0 ? "PORT" : `PORT${index + 1}`, String(port)])),
    ...(registry === undefined ? {} : { REGISTRY: registry.address }),
    ...originals(),
    ...options.variables,
    ...preparation?.variables,
  };
  // It would keep the mounts of before.
  if (options.ownSystem === true) await world.stopPauseProcess();
  const shell = startShell(options.ownSystem === true ? withoutSettings(world) : world, {
    variables,
    mounts: options.ownSystem === true ? systemMounts(world) : undefined,
  });
  return { world, shell, registry, preparation };
}

/** skopeo reads no CONTAINERS_REGISTRIES_CONF, but the user's own file. */
async function forSkopeo(world: World): Promise<void> {
  const line = "mkdir -p home/.config/containers && cp conf/registries.conf home/.config/containers/";
  await world.runProgram("sh", ["-c", line]);
}

/** The world's containers.conf as the distribution's, its registries and policy as the machine's. */
function systemMounts(world: World): string {
  const [etc, share] = [join(world.directory, "etc"), join(world.directory, "share")];
  for (const directory of [etc, share]) {
    mkdirSync(directory);
    world.give(directory);
    for (const name of directory === etc ? ["registries.conf", "policy.json"] : ["containers.conf"]) {
      copyFileSync(join(world.directory, "conf", name), join(directory, name));
      world.give(join(directory, name));
    }
  }
  mkdirSync("/usr/share/containers", { recursive: true });
  mkdirSync("/etc/containers", { recursive: true });
  // Root's short names are remembered here.
  mkdirSync("/var/cache/containers", { recursive: true });
  for (const name of ["subuid", "subgid"])
    writeFileSync(join(etc, name), `${readFileSync(`/etc/${name}`, "utf8")}containers:2147483647:2147483648\n`);
  return [
    `mount --bind ${etc}/subuid /etc/subuid; mount --bind ${etc}/subgid /etc/subgid`,
    `mount --bind ${etc} /etc/containers; mount --bind ${share} /usr/share/containers`,
    "mount -t tmpfs -o mode=755 tmpfs /var/cache/containers",
  ].join("\n");
}

function withoutSettings(world: World): World {
  return { ...world, env: Object.fromEntries(Object.entries(world.env).filter(([name]) => !/^CONTAINERS_(REGISTRIES_)?CONF$/.test(name))) };
}

function originals(): Record<string, string> {
  return Object.fromEntries(
    (["podman", "buildah", "skopeo"] as const).flatMap((tool) => {
      const path = originalPath(tool);
      return path !== undefined && existsSync(path) ? [[`ORIGINAL_${tool.toUpperCase()}`, path]] : [];
    }),
  );
}

const patience = 20_000;

async function play(shell: ShellSession, step: TranscriptStep): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const { output, exitCode } = await shell.run(step.command, 120_000);
    const variables = await readVariables(shell, variablesIn(step));
    if (process.env.E2E_LOG !== undefined) console.log(`$ ${step.command}\n${output}→ ${exitCode}`);
    if (exitCode === step.exitCode && matches(output, step.expected, variables)) return;
    if (!step.soon || Date.now() > deadline) throw new Error(difference(step, { output, exitCode }));
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function readVariables(shell: ShellSession, names: readonly string[]): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  for (const name of names) values.set(name, (await shell.run(`printf %s "$${name}"`, 5_000)).output);
  return values;
}

function difference(step: TranscriptStep, got: { output: string; exitCode: number }): string {
  const indent = (lines: readonly string[]) => lines.map((line) => `  ${line}`).join("\n");
  return `$ ${step.command}\nexpected (exit ${step.exitCode}):\n${indent(step.expected)}\ngot (exit ${got.exitCode}):\n${indent(shown(got.output))}`;
}
