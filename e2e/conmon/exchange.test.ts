/** Either podman runs containers with either conmon: output, exit codes, logs, attach, terminals, exec, kill. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath, toolPath } from "../harness/binaries.ts";
import { patience } from "../harness/eventually.ts";
import { type CommandResult, describeResult } from "../harness/run-command.ts";
import { typeOnTerminal } from "../harness/terminal.ts";
import { createWorld, type World } from "../harness/world.ts";

const originalPodman = originalPath("podman");
const originalConmon = originalPath("conmon");

const pairs = [
  { title: "our podman and our conmon", podman: toolPath("podman"), conmon: toolPath("conmon") },
  { title: "the original podman and our conmon (needs podman)", podman: originalPodman, conmon: toolPath("conmon") },
  { title: "our podman and the original conmon (needs conmon)", podman: toolPath("podman"), conmon: originalConmon },
];

describe.each(pairs.flatMap((pair) => [false, true].map((rootless) => ({ ...pair, rootless }))))(
  "$title, rootless: $rootless",
  ({ podman, conmon, rootless }) => {
    const able = podman !== undefined && conmon !== undefined;
    const program = podman ?? "";
    let world: World;

    beforeAll(async () => {
      if (!able) return;
      world = await createWorld({ rootless });
      await buildBaseImage(world);
    });
    afterAll(async () => {
      if (able) await run("rm", "-f", "-a", "-t", "0");
      await world?.destroy();
    });

    const withConmon = (args: readonly string[]) => ["--conmon", conmon ?? "", ...args];
    const run = (...args: string[]): Promise<CommandResult> => world.runProgram(program, withConmon(args));
    const ok = async (...args: string[]): Promise<string> => {
      const result = await run(...args);
      if (result.exitCode !== 0) throw new Error(describeResult(result));
      return result.stdout;
    };
    const quick = ["--network", "none"];

    it.skipIf(!able)("gives output on the right stream, and exit codes", async () => {
      const result = await run("run", "--rm", ...quick, baseImage, "sh", "-c", "echo out; echo err >&2; exit 7");
      expect([result.exitCode, result.stdout, result.stderr]).toEqual([7, "out", "err"]);
      await ok("run", "-d", "--name", "killed", ...quick, baseImage, "sleep", "100");
      await ok("kill", "killed");
      expect(await ok("wait", "killed")).toBe("137");
      await ok("rm", "killed");
      expect((await run("run", "--rm", ...quick, baseImage, "/no/such/command")).exitCode).toBe(127);
    });

    it.skipIf(!able)("uses the monitor that was asked for", async () => {
      await ok("run", "-d", "--name", "which", ...quick, baseImage, "sleep", "100");
      const pid = await ok("inspect", "--format", "{{.State.ConmonPid}}", "which");
      expect(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")[0]).toBe(conmon);
      await ok("rm", "-f", "-t", "0", "which");
    });

    it.skipIf(!able)("passes standard input, and its end", async () => {
      const fed = await world.runProgram(program, withConmon(["run", "--rm", "-i", ...quick, baseImage, "wc", "-c"]), {
        input: "x".repeat(300_000),
      });
      expect([fed.exitCode, fed.stdout.trim()]).toEqual([0, "300000"]);
    });

    it.skipIf(!able)("keeps a log, with partial lines, and loses nothing of much output", async () => {
      await run("run", "--name", "logged", ...quick, baseImage, "sh", "-c", "seq 1 20000; printf half; echo err >&2");
      const { stdout, stderr } = await run("logs", "logged");
      const lines = stdout.split("\n");
      expect(lines).toHaveLength(20_001);
      expect([lines[0], lines[19_999], lines[20_000], stderr]).toEqual(["1", "20000", "half", "err"]);
      const path = await ok("inspect", "--format", "{{.HostConfig.LogConfig.Path}}", "logged");
      const text = (await world.runProgram("cat", [path])).stdout;
      expect(text.split("\n")[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}[+-]\d\d:\d\d stdout F 1$/);
      expect(text).toMatch(/ stdout P half$/m);
      await ok("rm", "logged");
    });

    it.skipIf(!able)("attaches to a running container", async () => {
      await ok("run", "-d", "-i", "--name", "echoing", ...quick, baseImage, "sh", "-c", "while read x; do echo got $x; done; exit 3");
      const attached = await world.runProgram(program, withConmon(["attach", "echoing"]), { input: "one\ntwo\n" });
      expect([attached.exitCode, attached.stdout]).toEqual([0, "got one\ngot two\n"]);
      expect(await ok("wait", "echoing")).toBe("3");
      await ok("rm", "-f", "-t", "0", "echoing");
    });

    it.skipIf(!able)("runs commands inside, with their streams and codes", async () => {
      await ok("run", "-d", "--name", "host", ...quick, baseImage, "sleep", "100");
      const inside = await run("exec", "host", "sh", "-c", "echo out; echo err >&2; exit 9");
      expect([inside.exitCode, inside.stdout, inside.stderr]).toEqual([9, "out", "err"]);
      const fed = await world.runProgram(program, withConmon(["exec", "-i", "host", "cat"]), { input: "text" });
      expect(fed.stdout).toBe("text");
      await ok("exec", "-d", "host", "touch", "/detached");
      await expect.poll(async () => (await run("exec", "host", "test", "-e", "/detached")).exitCode, patience).toBe(0);
      await ok("rm", "-f", "-t", "0", "host");
    });

    it.skipIf(!able)("gives a terminal that follows the window's size", async () => {
      const command = `${program} --conmon ${conmon} run --rm -it ${quick.join(" ")} ${baseImage} sh`;
      const signal = join(world.directory, "tmp", "narrow");
      const narrow = `(until [ -e ${signal} ]; do sleep 0.05; done; stty cols 60 </dev/tty) &`;
      const result = await typeOnTerminal(world, `stty rows 33 cols 111; ${narrow} ${command}`, [
        [/# /, "stty size\n"],
        [/33 111[^]*# /, () => writeFileSync(signal, "")],
        [/^/, "until stty size | grep -q ' 60'; do sleep 0.05; done; stty size; exit 5\n"],
      ]);
      rmSync(signal);
      expect(result.screen).toContain("33 60");
      expect(result.exitCode).toBe(5);
    });

    it.skipIf(!able)("starts again, stops, and restarts by policy", async () => {
      await ok("run", "-d", "--name", "again", ...quick, baseImage, "sleep", "100");
      await ok("stop", "-t", "0", "again");
      expect(await ok("inspect", "--format", "{{.State.Status}} {{.State.ExitCode}}", "again")).toBe("exited 137");
      await ok("start", "again");
      expect(await ok("ps", "--format", "{{.Names}}")).toBe("again");
      await ok("rm", "-f", "-t", "0", "again");
      const count = join(world.directory, "tmp", "count");
      await ok(
        ...["run", "-d", "--name", "thrice", "--restart", "on-failure:2", "-v", `${world.directory}/tmp:/t`, ...quick],
        ...[baseImage, "sh", "-c", "echo x >>/t/count; exit 1"],
      );
      await expect.poll(async () => (await world.runProgram("cat", [count])).stdout, patience).toBe("x\nx\nx");
      await ok("rm", "-f", "-t", "0", "thrice");
    });

    it.skipIf(!able)("removes what ran with --rm in the background", async () => {
      await ok("run", "-d", "--rm", ...quick, baseImage, "true");
      await expect.poll(() => ok("ps", "-a", "-q"), patience).toBe("");
    });
  },
);
