import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toolPath } from "./binaries.ts";
import { describeResult, runCommand } from "./run-command.ts";
import type { World } from "./world.ts";

/** Why this machine cannot show what systemd does; undefined where systemd is its first process and this is root. */
export function whyNoSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return "starting units needs root";
  return readFileSync("/proc/1/comm", "utf8").trim() === "systemd" ? undefined : "systemd is not the first process of this machine";
}

/** systemd's part in a world: units that are gone with it, and its manager set up so that units see the world's containers. */
export interface SystemdScene {
  /** What the shell of a tour has to know: `$UNITS` and `$QUADLETS` are directories for units, `$SYSTEMCTL` speaks to the manager. */
  readonly variables: Readonly<Record<string, string>>;
  end(): Promise<void>;
}

const RELOCATED = ["CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "CONTAINERS_REGISTRIES_CONF", "TMPDIR"];

/** Prepares the manager of the system, or that of the world's user, who gets one that stays. */
export async function openSystemdScene(world: World): Promise<SystemdScene> {
  const { user } = world;
  const runtimeDir = user === undefined ? "/run" : `/run/user/${user.uid}`;
  if (user !== undefined) await ok("loginctl", ["enable-linger", user.name]);
  const kind = user === undefined ? "system" : "user";
  const systemctl = async (...args: string[]): Promise<void> => {
    const [file, words] = user === undefined ? ["systemctl", args] : world.asUser("systemctl", ["--user", ...args]);
    await ok(file, words, { XDG_RUNTIME_DIR: runtimeDir });
  };
  if (user !== undefined) await waitFor(`${runtimeDir}/systemd/private`);
  const generator = `/run/systemd/${kind}-generators/podman-${kind}-generator`;
  mkdirSync(dirname(generator), { recursive: true });
  if (lstatSync(generator, { throwIfNoEntry: false }) === undefined) symlinkSync(toolPath("podman"), generator);
  const waitUnit = "/run/systemd/user/podman-user-wait-network-online.service";
  if (user !== undefined) {
    mkdirSync(dirname(waitUnit), { recursive: true });
    writeFileSync(waitUnit, "[Service]\nType=oneshot\nExecStart=true\n");
  }
  const units = `${runtimeDir}/systemd/${user === undefined ? "system" : "user"}`;
  const quadlets = `${runtimeDir}/containers/systemd`;
  for (const directory of [units, join(runtimeDir, "containers"), quadlets]) makeFor(world, directory);
  await systemctl("set-environment", ...RELOCATED.map((name) => `${name}=${world.env[name] ?? ""}`), `PODMAN_IGNORE_CGROUPSV1_WARNING=1`);
  return {
    variables: {
      UNITS: units,
      QUADLETS: quadlets,
      SYSTEMCTL: user === undefined ? "systemctl" : "systemctl --user",
      ...(user === undefined ? {} : { XDG_RUNTIME_DIR: runtimeDir }),
    },
    async end() {
      await systemctl("unset-environment", ...RELOCATED);
      rmSync(generator, { force: true });
      rmSync(quadlets, { recursive: true, force: true });
      if (user !== undefined) {
        rmSync(waitUnit, { force: true });
        await ok("loginctl", ["disable-linger", user.name]);
      }
    },
  };
}

function makeFor(world: World, directory: string): void {
  if (existsSync(directory)) return;
  mkdirSync(directory, { recursive: true });
  world.give(directory);
}

async function ok(file: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  const result = await runCommand(file, args, { env });
  if (result.exitCode !== 0) throw new Error(describeResult(result));
}

async function waitFor(path: string): Promise<void> {
  for (let attempt = 0; attempt < 100 && !existsSync(path); attempt += 1) await new Promise((resolve) => setTimeout(resolve, 100));
}
