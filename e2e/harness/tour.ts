import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe } from "vitest";
import { originalPath } from "./binaries.ts";
import { freePort, type RegistryServer, startRegistry } from "./registry.ts";
import { type ShellSession, startShell } from "./shell-session.ts";
import { type TourImage, tourImagesArchive } from "./tour-images.ts";
import { matches, parseTranscript, shown, type TranscriptStep, variablesIn } from "./transcript.ts";
import { createWorld, type World, type WorldOptions } from "./world.ts";

export interface TourOptions extends Omit<WorldOptions, "rootless"> {
  /** Who tours; by default root alone. */
  readonly users?: readonly ("root" | "rootless")[];
  /** Images that are in the store at the start: `debian`, `nginx`. */
  readonly images?: readonly TourImage[];
  /** Whether a registry on loopback runs, as `$REGISTRY`; plain http is allowed for it. */
  readonly registry?: boolean;
  /** More variables of the shell, known when the tour starts. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Why this machine cannot show the tour; undefined where it can. */
  readonly skip?: string | undefined;
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
 * starts in the home directory and knows `$PORT`, `$PORT2`, `$PORT3` (free at the start), `$REGISTRY`, and `$ORIGINAL_PODMAN`,
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
    scene?.shell.end();
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
  const archive = options.images === undefined ? undefined : await tourImagesArchive();
  const registry = options.registry === true ? await startRegistry() : undefined;
  const world = await createWorld({
    ...options,
    rootless: user === "rootless",
    ...(registry === undefined ? {} : { insecure: [registry.address] }),
  });
  if (archive !== undefined) {
    await world.ok("podman", ["load", "-q", "-i", archive], { timeout: 300_000 });
    const unwanted = (["debian", "nginx"] as const).filter((name) => !options.images?.includes(name));
    if (unwanted.length > 0) await world.podman("rmi", ...unwanted.map((name) => `localhost/${name}`));
  }
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const shell = startShell(world, {
    ...Object.fromEntries(ports.map((port, index) => [index === 0 ? "PORT" : `PORT${index + 1}`, String(port)])),
    ...(registry === undefined ? {} : { REGISTRY: registry.address }),
    ...originals(),
    ...options.variables,
  });
  return { world, shell, registry };
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
