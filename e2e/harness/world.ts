import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binDirectory, type Tool, toolPath } from "./binaries.ts";
import { findLeaks, unmountBelow } from "./leak-check.ts";
import { lacksPids } from "./limits.ts";
import type { PrivateMachine } from "./private-machine.ts";
import { type CommandOptions, type CommandResult, describeResult, runCommand, spawnCommand } from "./run-command.ts";
import { type TestUser, testUser } from "./test-user.ts";

/**
 * A world of its own for a test file: store, run directory, networks and configuration in one temporary directory, so that
 * nothing of the machine's own containers is seen or touched. `destroy` removes all and fails when anything is left.
 */
export interface World {
  readonly directory: string;
  /** undefined for root. */
  readonly user: TestUser | undefined;
  readonly graphRoot: string;
  readonly env: Readonly<Record<string, string>>;
  /** Runs a tool of ours; any exit code is a result. */
  run(tool: Tool, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** Runs a tool of ours and fails unless it exits 0; gives its standard output. */
  ok(tool: Tool, args: readonly string[], options?: CommandOptions): Promise<string>;
  podman(...args: string[]): Promise<string>;
  buildah(...args: string[]): Promise<string>;
  skopeo(...args: string[]): Promise<string>;
  /** Starts a tool and leaves it running; the test ends it. */
  spawn(tool: Tool, args: readonly string[], options?: CommandOptions): ReturnType<typeof spawnCommand>;
  /** Runs any program in this world's environment and as its user. */
  runProgram(file: string, args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** The command line that runs a program as this world's user; for programs that stay. */
  asUser(file: string, args: readonly string[]): readonly [file: string, args: readonly string[]];
  /** Makes this world's user the owner of a file. */
  give(path: string): void;
  /** Ends the process that holds a rootless user's namespaces; the next command makes another. */
  stopPauseProcess(): Promise<void>;
  destroy(): Promise<void>;
}

export interface WorldOptions {
  readonly rootless?: boolean;
  /** More lines for containers.conf. */
  readonly containersConf?: string;
  readonly storageConf?: string;
  /** Registries (`127.0.0.1:5000`) that are spoken to by plain http. */
  readonly insecure?: readonly string[];
  /** An ordinary user has a session of systemd's in this world; without, cgroups are podman's own also where systemd runs. */
  readonly session?: boolean;
  /** Everything runs in these namespaces. */
  readonly machine?: Pick<PrivateMachine, "enter">;
}

/** Makes a {@link World}. Rootless worlds belong to an ordinary user that is made when the machine has none for it. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const user = options.rootless === true ? await testUser() : undefined;
  const directory = mkdtempSync(join(process.env.E2E_TMPDIR ?? tmpdir(), "e2e-"));
  chmodSync(directory, 0o755);
  const graphRoot = join(directory, "graph");
  const runRoot = join(directory, "run");
  writeConfiguration(directory, { graphRoot, runRoot, options });
  const env = environment(directory, user);
  if (user !== undefined) for (const name of ["", "home", "run", "xdg", "graph", "conf", "tmp"]) giveTo(user, join(directory, name));
  const asUser = (file: string, args: readonly string[]): readonly [string, readonly string[]] => {
    const become = user === undefined ? [] : ["setpriv", `--reuid=${user.uid}`, `--regid=${user.gid}`, "--init-groups"];
    const [program = file, ...words] = [...(options.machine?.enter ?? []), ...become, file, ...args];
    return [program, words];
  };
  const runProgram: World["runProgram"] = (file, args, more = {}) => {
    const [program, words] = asUser(file, args);
    return runCommand(program, words, { ...more, cwd: more.cwd ?? directory, env: { ...env, ...more.env } });
  };
  const run: World["run"] = (tool, args, more) => runProgram(toolPath(tool), args, more);
  const ok: World["ok"] = async (tool, args, more) => {
    const result = await run(tool, args, more);
    if (result.exitCode !== 0) throw new Error(describeResult(result));
    return result.stdout;
  };
  return {
    directory,
    user,
    graphRoot,
    env,
    run,
    ok,
    runProgram,
    asUser,
    give: (path) => {
      if (user !== undefined) giveTo(user, path);
    },
    podman: (...args) => ok("podman", args),
    buildah: (...args) => ok("buildah", args),
    skopeo: (...args) => ok("skopeo", args),
    spawn(tool, args, more = {}) {
      const [program, words] = asUser(toolPath(tool), args);
      return spawnCommand(program, words, { ...more, cwd: directory, env: { ...env, ...more.env } });
    },
    stopPauseProcess: () => stopPauseProcess(directory, runProgram),
    async destroy() {
      await run("podman", ["rm", "-f", "-a", "-t", "0"]);
      await stopPauseProcess(directory, runProgram);
      const leaks = await findLeaks(directory);
      unmountBelow(directory);
      rmSync(directory, { recursive: true, force: true });
      if (leaks.length > 0) throw new Error(`left behind by ${directory}:\n${leaks.join("\n")}`);
    },
  };
}

function writeConfiguration(directory: string, world: { graphRoot: string; runRoot: string; options: WorldOptions }): void {
  for (const name of ["home", "run", "xdg", "graph", "conf", "tmp"]) mkdirSync(join(directory, name), { mode: 0o700 });
  chmodSync(join(directory, "conf"), 0o755);
  chmodSync(join(directory, "tmp"), 0o1777);
  const conf = join(directory, "conf");
  writeFileSync(
    join(conf, "storage.conf"),
    `[storage]\ndriver = "overlay"\ngraphroot = "${world.graphRoot}"\nrunroot = "${world.runRoot}"\n${world.options.storageConf ?? ""}`,
  );
  const ownCgroups = world.options.rootless === true && world.options.session !== true ? 'cgroup_manager = "cgroupfs"\n' : "";
  writeFileSync(
    join(conf, "containers.conf"),
    `[engine]\n${ownCgroups}tmp_dir = "${join(directory, "run", "libpod")}"\nevents_logger = "file"\nretry = 0\nconmon_path = ["${toolPath("conmon")}"]\n[network]\nnetwork_config_dir = "${join(directory, "graph", "networks")}"\n${world.options.containersConf ?? ""}`,
  );
  writeFileSync(join(conf, "no-pids.conf"), "[containers]\npids_limit = 0\n");
  const insecure = (world.options.insecure ?? []).map((location) => `[[registry]]\nlocation = "${location}"\ninsecure = true\n`);
  writeFileSync(join(conf, "policy.json"), '{"default":[{"type":"insecureAcceptAnything"}]}\n');
  writeFileSync(join(conf, "registries.conf"), `unqualified-search-registries = []\n${insecure.join("")}`);
}

function environment(directory: string, user: TestUser | undefined): Record<string, string> {
  const conf = join(directory, "conf");
  return {
    PATH: `${binDirectory}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: join(directory, "home"),
    LANG: "C.UTF-8",
    TERM: "xterm",
    TMPDIR: join(directory, "tmp"),
    // The original's complaint about the machine would stand among the output that is compared.
    PODMAN_IGNORE_CGROUPSV1_WARNING: "1",
    CONTAINERS_CONF: join(conf, "containers.conf"),
    ...(lacksPids() ? { CONTAINERS_CONF_OVERRIDE: join(conf, "no-pids.conf") } : {}),
    CONTAINERS_STORAGE_CONF: join(conf, "storage.conf"),
    CONTAINERS_REGISTRIES_CONF: join(conf, "registries.conf"),
    ...(user === undefined ? {} : { XDG_RUNTIME_DIR: join(directory, "xdg"), USER: user.name, LOGNAME: user.name }),
  };
}

function giveTo(user: TestUser, path: string): void {
  chownSync(path, user.uid, user.gid);
}

/** The process that keeps a rootless user's namespace alive is no leak while containers run; with the world it must go. */
async function stopPauseProcess(directory: string, runProgram: World["runProgram"]): Promise<void> {
  const pidFile = join(directory, "xdg", "libpod", "tmp", "pause.pid");
  await runProgram("sh", ["-c", `test ! -f ${pidFile} || kill -9 $(cat ${pidFile})`]);
}
