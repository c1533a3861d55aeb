import { describe, expect, it } from "vitest";
import { ToolError } from "../errors/tool-error.ts";
import { type ProgramDefinition, runProgram } from "./build-program.ts";
import { type CommandDefinition, defineCommand, defineFlags } from "./define-command.ts";

const place = { type: "string", description: "where" } as const;
const everyType = defineFlags({
  all: { type: "bool", short: "a", description: "every one" },
  interactive: { type: "bool", short: "i", description: "keep stdin" },
  tty: { type: "bool", short: "t", description: "terminal" },
  publish: { type: "stringArray", short: "p", description: "ports" },
  slice: { type: "stringSlice", description: "words" },
  number: { type: "int", short: "n", default: -1, description: "how many" },
  memory: { type: "bytes", short: "m", description: "limit" },
  restart: { type: "optionalString", noValue: "always", description: "policy" },
  network: { type: "stringArray", aliases: ["net"], description: "networks" },
  sort: { type: "string", choices: ["id", "size"], default: "id", description: "order" },
  wait: { type: "duration", description: "time" },
  "src-place": place,
  "dest-place": place,
  level: { type: "int", description: "how hard", configuredDefault: () => 7 },
});

async function run(argv: string[], options: { stopAtFirstArgument?: boolean; name?: ProgramDefinition["name"]; fail?: Error } = {}) {
  let seen: { flags: Record<string, unknown>; args: readonly string[]; globals: Record<string, unknown>; path: string } | undefined;
  const command = defineCommand({
    name: "run",
    summary: "Run it",
    usage: "IMAGE [COMMAND]",
    examples: ["podman run x"],
    flags: everyType,
    args: { min: 0 },
    stopAtFirstArgument: options.stopAtFirstArgument ?? false,
    run: ({ flags, args, globals, commandPath }) => {
      if (options.fail !== undefined) throw options.fail;
      seen = { flags, args, globals, path: commandPath };
      return 0;
    },
  }) as unknown as CommandDefinition;
  const none = defineCommand({ name: "ps", summary: "List", flags: {}, run: () => undefined });
  const one = defineCommand({ name: "one", summary: "One", flags: {}, args: { min: 1, max: 1 }, run: () => undefined });
  const entry = (definition: CommandDefinition<never> | CommandDefinition) => ({ summary: "x", load: async () => definition });
  const program: ProgramDefinition = {
    name: options.name ?? "podman",
    version: "1.2.3",
    globalFlags: defineFlags({
      root: { type: "string", description: "graph root" },
      remote: { type: "bool", short: "r", description: "remote" },
    }),
    root: {
      name: "podman",
      summary: "Manage things",
      commands: {
        run: entry(command),
        ps: { ...entry(none as never), aliases: ["list"] },
        push: entry(none as never),
        one: entry(one as never),
        container: {
          group: { name: "container", summary: "Manage containers", commands: { run: entry(command), ps: entry(none as never) } },
        },
      },
    },
  };
  let stdout = "";
  let stderr = "";
  const code = await runProgram(program, argv, {
    stdout: (text) => void (stdout += String(text)),
    stderr: (text) => void (stderr += String(text)),
    isTerminal: false,
  });
  return { code, stdout, stderr, ...seen };
}

describe("flags", () => {
  it("keep one definition under two names apart", async () => {
    const { flags } = await run(["run", "--src-place", "a"]);
    expect([flags?.srcPlace, flags?.destPlace]).toEqual(["a", undefined]);
  });

  it("combines letters and takes values attached, after = and as the next word", async () => {
    const { flags, args } = await run(["run", "-itp8080:80", "-p=81:81", "-p", "82:82", "img", "--number=3"]);
    expect(flags).toMatchObject({ interactive: true, tty: true, publish: ["8080:80", "81:81", "82:82"], number: 3 });
    expect(args).toEqual(["img"]);
  });
  it("reads =false, optional values, sizes, durations and lists", async () => {
    const { flags } = await run([
      "run",
      "--all=false",
      "-i=0",
      "--restart",
      "--slice",
      'a,"b,c"',
      "--slice=d",
      "-m512m",
      "--wait",
      "1m1.5s",
      "--net=host",
    ]);
    expect(flags).toMatchObject({
      all: false,
      interactive: false,
      restart: "always",
      slice: ["a", "b,c", "d"],
      memory: 512 * 1024 ** 2,
      wait: 61_500,
      network: ["host"],
      number: -1,
      sort: "id",
    });
  });
  it("does not take the next word for an optional value", async () => {
    expect((await run(["run", "--restart", "img"])).args).toEqual(["img"]);
    expect((await run(["run", "--restart=no", "img"])).flags).toMatchObject({ restart: "no" });
  });
  it("leaves what follows the first argument to the contained command", async () => {
    const { args, flags } = await run(["run", "-i", "img", "sh", "-c", "--all", "--"], { stopAtFirstArgument: true });
    expect(args).toEqual(["img", "sh", "-c", "--all", "--"]);
    expect(flags).toMatchObject({ interactive: true, all: false });
  });
  it("ends flags at --", async () => {
    expect((await run(["run", "-a", "--", "-x", "--all"])).args).toEqual(["-x", "--all"]);
  });
  it("takes global flags before and after the command", async () => {
    expect((await run(["--root", "/a", "run"])).globals).toMatchObject({ root: "/a", remote: false });
    expect((await run(["container", "--root=/b", "run", "-r"])).globals).toMatchObject({ root: "/b", remote: true });
  });
});

describe("what cannot be understood", () => {
  it.each([
    [["run", "--nosuch"], "Error: unknown flag: --nosuch\nSee 'podman run --help'\n"],
    [["run", "--numbr=1"], "Error: unknown flag: --numbr\nDid you mean --number?\nSee 'podman run --help'\n"],
    [["--nosuch", "ps"], "Error: unknown flag: --nosuch\nSee 'podman --help'\n"],
    [["run", "-aZ"], "Error: unknown shorthand flag: 'Z' in -Z\nSee 'podman run --help'\n"],
    [["run", "--number"], "Error: flag needs an argument: --number\nSee 'podman run --help'\n"],
    [["run", "-n"], "Error: flag needs an argument: 'n' in -n\nSee 'podman run --help'\n"],
    [
      ["run", "-n", "abc"],
      `Error: invalid argument "abc" for "-n, --number" flag: strconv.ParseInt: parsing "abc": invalid syntax\nSee 'podman run --help'\n`,
    ],
    [
      ["run", "--all=zzz"],
      `Error: invalid argument "zzz" for "-a, --all" flag: strconv.ParseBool: parsing "zzz": invalid syntax\nSee 'podman run --help'\n`,
    ],
    [
      ["run", "--sort", "zzz"],
      `Error: invalid argument "zzz" for "--sort" flag: "zzz" is not a valid value.  Choose from: "id, size"\nSee 'podman run --help'\n`,
    ],
    [["run", "--memory", "abc"], "Error: invalid value for memory: invalid size: 'abc'\n"],
    [["nosuch"], "Error: unrecognized command `podman nosuch`\nTry 'podman --help' for more information\n"],
    [["pss"], "Error: unrecognized command `podman pss`\n\nDid you mean this?\n\tps\n\tpush\n\nTry 'podman --help' for more information\n"],
    [["container", "pss"], "Error: unrecognized command `podman container pss`\nTry 'podman container --help' for more information\n"],
    [["ps", "x"], "Error: `podman ps` takes no arguments\n"],
    [["one"], "Error: accepts 1 arg(s), received 0\n"],
    [["images", "-v"], "Error: unrecognized command `podman images`\nTry 'podman --help' for more information\n"],
    [["ps", "-v"], "Error: unknown shorthand flag: 'v' in -v\nSee 'podman ps --help'\n"],
  ])("%j", async (argv, expected) => {
    const { code, stderr } = await run(argv as string[]);
    expect(stderr).toBe(expected);
    expect(code).toBe(125);
  });
  it("speaks each program's own way", async () => {
    expect((await run(["nosuch"], { name: "buildah" })).stderr).toBe('Error: unknown command "nosuch" for "buildah"\n');
    const skopeo = await run(["run", "--nosuch"], { name: "skopeo" });
    expect(skopeo.code).toBe(1);
    expect(skopeo.stderr).toMatch(/^time="[\dTZ:-]+" level=fatal msg="unknown flag: --nosuch"\n$/);
  });
  it("prints an error in one line with the code it asks for", async () => {
    const fail = new ToolError("denied", "opening x", { cause: new Error("no\npermission"), exitCode: 126 });
    expect(await run(["run"], { fail })).toMatchObject({ code: 126, stderr: "Error: opening x: no permission\n" });
  });
});

describe("help", () => {
  it("shows a command in cobra's layout", async () => {
    const { stdout, code } = await run(["run", "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain("Usage:\n  podman run [options] IMAGE [COMMAND]\n");
    expect(stdout).toContain("  -a, --all ");
    expect(stdout).toMatch(/--restart string\[="always"\]\s+policy/);
    expect(stdout).toMatch(/-n, --number int\s+how many \(default -1\)/);
    expect(stdout).toMatch(/--level int\s+how hard \(default 7\)/);
    expect((await run(["help", "run"])).stdout).toBe(stdout);
    expect((await run(["run", "-h"])).stdout).toBe(stdout);
  });
  it("lists subcommands, and fails when one is missing", async () => {
    const asked = await run(["container", "--help"]);
    expect(asked).toMatchObject({ code: 0, stderr: "" });
    expect(asked.stdout).toContain("Available Commands:\n  ps ");
    const missing = await run(["container"]);
    expect(missing).toMatchObject({ code: 125, stderr: "Error: missing command 'podman container COMMAND'\n" });
  });
  it("prints the version", async () => {
    expect(await run(["--version"])).toMatchObject({ code: 0, stdout: "podman version 1.2.3\n" });
    expect(await run(["-v"])).toMatchObject({ code: 0, stdout: "podman version 1.2.3\n" });
  });
});
