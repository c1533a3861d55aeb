import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandGroup } from "@containers/common/cli/define-command";
import { afterAll, describe, expect, it, vi } from "vitest";
import { runPodman } from "../testing/run-podman.ts";
import { podmanProgram } from "./program.ts";

const directory = mkdtempSync(join(tmpdir(), "podman-cli-"));
const places = ["--root", join(directory, "root"), "--runroot", join(directory, "run")];
const podman = (...argv: string[]) => runPodman(...places, ...argv);
// The commands that read the state enter a user namespace, which replaces the process, unless it is root's.
const skipped = process.getuid?.() !== 0;

afterAll(() => rmSync(directory, { recursive: true, force: true }));

function paths(group: CommandGroup, prefix: readonly string[] = []): string[][] {
  return Object.entries(group.commands).flatMap(([name, entry]) =>
    "group" in entry ? paths(entry.group, [...prefix, name]) : [[...prefix, name]],
  );
}

describe("podman", () => {
  it.each(paths(podmanProgram.root))("has help for %s %s %s", async (...words) => {
    const path = words.filter((word) => typeof word === "string");
    // compose goes on to the help of another program.
    vi.stubEnv("PODMAN_COMPOSE_PROVIDER", "true");
    const { code, stdout } = await runPodman(...path, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage:\n  podman ${path.join(" ")}`);
  });

  it.each(["machine"])("says what serves instead of %s", async (word) => {
    const { code, stderr } = await runPodman(word, "list", "--format", "json");
    expect(code).toBe(125);
    expect(stderr).toMatch(new RegExp(`^Error: podman ${word} is not there\\. .*podman (system connection add|manifest create)`));
  });

  it("prints its version", async () => {
    expect((await runPodman("--version")).stdout).toMatch(/^podman version \d+\.\d+\.\d+\n$/);
    expect(JSON.parse((await runPodman("version", "--format", "json")).stdout)).toMatchObject({ Client: { Os: "linux" } });
    expect((await runPodman("version", "--format", "{{.Client.Os}}")).stdout).toBe("linux\n");
  });
});

describe.skipIf(skipped)("bad input (needs root: the state is opened)", () => {
  it.each([
    [["run"], 125, "requires at least 1 arg(s), only received 0"],
    [["run", "-v", "a:b:c:d", "x"], 125, "a:b:c:d: incorrect volume format, should be [host-dir:]ctr-dir[:option]"],
    [["run", "--memory", "abc", "x"], 125, "invalid value for memory: invalid size: 'abc'"],
    [
      ["run", "--restart", "sometimes", "x"],
      125,
      'running container create option: "sometimes" is not a valid restart policy: invalid argument',
    ],
    [
      ["run", "--rm", "--restart", "always", "x"],
      125,
      'the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"',
    ],
    [["run", "--seccomp-policy", "zzz", "x"], 125, 'invalid seccomp policy "zzz": valid policies are ["default" "image"]'],
    [["stop", "-l", "x"], 125, "--latest and containers cannot be used together"],
    [["kill", "--cidfile", "/nosuch", "x"], 125, "no arguments are needed with --latest or --cidfile"],
    [["rm", "--filter", "status=exited", "x"], 125, "--filter takes no arguments"],
    [["rm", "--time", "3", "x"], 125, "--force option must be specified to use the --time option"],
    [["inspect", "-l", "x"], 125, "--latest and arguments cannot be used together"],
    [["pod", "rm", "--all", "x"], 125, "no arguments are needed with --all"],
    [["volume", "rm", "--all", "x"], 125, "choose either one or more volumes or all"],
    [["port", "--all", "x"], 125, "no arguments are needed with --all"],
    [["exec", "--latest", "--cidfile", "x", "y"], 125, "--latest and --cidfile can not be used together"],
    [["exec", "--no-session", "-d", "x", "y"], 125, "--no-session cannot be used with --detach or --detach-keys"],
    [["attach"], 125, '"podman attach" requires a name, id, or the "--latest" flag'],
    [["run", "--pull", "zzz", "x"], 125, 'unsupported pull policy "zzz"'],
    [["run", "--env-file", "/nosuch", "x"], 125, 'parsing file "/nosuch": open /nosuch: no such file or directory'],
    [["run", "--log-driver", "zzz", "x"], 125, "running container create option: invalid log driver: invalid argument"],
    [
      ["run", "--ulimit", "zzz", "x"],
      125,
      'ulimit option "zzz" requires name=SOFT:HARD, failed to be parsed: invalid ulimit argument: zzz',
    ],
    [["run", "--pod", "p", "--rootfs", "/"], 125, "no pod with name or ID p found: no such pod"],
    [["rm"], 125, "you must provide at least one name or id"],
    [["rm", "nosuch"], 1, 'no container with ID or name "nosuch" found: no such container'],
    [["stop", "nosuch"], 125, 'no container with name or ID "nosuch" found: no such container'],
    [["kill", "-s", "NOSUCH", "x"], 125, "invalid signal: NOSUCH"],
    [["kill", "-s", "65", "x"], 125, "valid signals are 1 through 64"],
    [["build", "--squash", "--squash-all", "."], 125, "cannot specify --squash-all with --squash"],
    [["exec", "x"], 125, "must provide a non-empty command to start an exec session: invalid argument"],
    [["ps", "x"], 125, "`podman ps` takes no arguments"],
    [["ps", "-q", "--size"], 125, "quiet conflicts with size and namespace"],
    [["ps", "--filter", "foo=bar"], 125, "foo is an invalid filter"],
    [["ps", "--filter", "status=zzz"], 125, "unknown container state: zzz: invalid argument"],
    [["inspect", "nosuch"], 125, 'no such object: "nosuch"'],
    [
      ["inspect", "--type", "zzz", "x"],
      125,
      'invalid type "zzz": must be "image", "container", "pod", "network", "volume", "artifact", or "all"',
    ],
    [["volume", "inspect", "nosuch"], 125, "no such volume nosuch"],
    [["volume", "ls", "--filter", "foo=bar"], 125, '"foo" is an invalid volume filter'],
    [["volume", "rm", "nosuch"], 1, 'no volume with name "nosuch" found: no such volume'],
  ])("%j", async (argv, code, message) => {
    const result = await podman(...argv);
    expect(result.stderr).toBe(`Error: ${message}\n`);
    expect(result.code).toBe(code);
  });
});

describe.skipIf(skipped)("volumes (needs root: the state is opened)", () => {
  it("are made, listed, inspected and removed", async () => {
    expect(await podman("volume", "create", "--label", "a=b", "v1")).toEqual({ code: 0, stdout: "v1\n", stderr: "" });
    expect((await podman("volume", "create", "v1")).stderr).toBe("Error: volume with name v1 already exists: volume already exists\n");
    expect((await podman("volume", "create", "--ignore", "v1")).stdout).toBe("v1\n");
    expect((await podman("volume", "ls")).stdout).toBe("DRIVER      VOLUME NAME\nlocal       v1\n");
    expect((await podman("volume", "ls", "-q", "--filter", "label=a=c")).stdout).toBe("");
    expect((await podman("volume", "inspect", "--format", "{{.Name}} {{.Labels.a}} {{.Scope}}", "v1")).stdout).toBe("v1 b local\n");
    expect((await podman("volume", "exists", "v1")).code).toBe(0);
    expect(await podman("volume", "rm", "v1")).toEqual({ code: 0, stdout: "v1\n", stderr: "" });
    expect((await podman("volume", "exists", "v1")).code).toBe(1);
    expect((await podman("volume", "ls")).stdout).toBe("");
  });
});

describe.skipIf(skipped)("without any container (needs root: the state is opened)", () => {
  it("lists nothing", async () => {
    expect((await podman("ps", "-a")).stdout).toBe("CONTAINER ID  IMAGE       COMMAND     CREATED     STATUS      PORTS       NAMES\n");
    expect((await podman("ps", "--format", "json")).stdout).toBe("[]\n");
    expect((await podman("container", "exists", "x")).code).toBe(1);
  });
});
