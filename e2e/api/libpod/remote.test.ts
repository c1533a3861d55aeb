/** The original `podman --remote` as a client of this service: what a user types, and what comes of it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiService, startApiService } from "../../harness/api-service.ts";
import { baseImage, buildBaseImage } from "../../harness/base-image.ts";
import { originalPath } from "../../harness/binaries.ts";
import type { CommandOptions } from "../../harness/run-command.ts";
import { createWorld, type World } from "../../harness/world.ts";

const original = originalPath("podman");

describe.skipIf(original === undefined).each([{ rootless: false }, { rootless: true }])(
  "the original podman --remote (needs podman), rootless: $rootless",
  ({ rootless }) => {
    let world: World;
    let api: ApiService;

    beforeAll(async () => {
      world = await createWorld({ rootless });
      await buildBaseImage(world);
      api = await startApiService(world);
    });
    afterAll(async () => {
      await api?.stop();
      await world?.destroy();
    });

    const remote = (args: readonly string[], options?: CommandOptions) =>
      world.runProgram(original ?? "", ["--remote", "--url", `unix://${api.socket}`, ...args], options);
    /** Exit code and output of one command. */
    const outcome = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await remote(args);
      return { exitCode, stdout, stderr: exitCode === 0 ? "" : stderr };
    };
    const said = (stdout: unknown) => ({ exitCode: 0, stdout, stderr: "" });

    it("finds out what it speaks to", async () => {
      expect(await outcome("version", "--format", "{{.Server.APIVersion}}")).toEqual(said("5.8.6"));
      expect(await outcome("info", "--format", "{{.Host.Security.Rootless}}")).toEqual(said(`${rootless}`));
      expect(await outcome("images", "--format", "{{.Repository}}:{{.Tag}}")).toEqual(said(`${baseImage}`));
    });

    it("runs containers, with their output and exit codes", async () => {
      const run = ["run", "--rm", "--network", "none"];
      expect(await outcome(...run, baseImage, "echo", "hi")).toEqual(said("hi"));
      expect(await outcome(...run, baseImage, "sh", "-c", "echo out; echo err >&2; exit 3")).toMatchObject({
        exitCode: 3,
        stdout: "out",
      });
      expect(await outcome(...run, baseImage, "nosuch")).toMatchObject({ exitCode: 127, stderr: expect.stringContaining("nosuch") });
      expect(await outcome(...run, baseImage, "/etc")).toMatchObject({ exitCode: 126 });
      expect((await remote([...run, "-i", baseImage, "cat"], { input: "typed" })).stdout).toBe("typed");
      expect(await outcome(...run, "-v", "vol:/v", baseImage, "sh", "-c", "echo kept > /v/f")).toEqual(said(""));
      expect(await outcome(...run, "--mount", "type=volume,src=vol,dst=/v,ro", baseImage, "cat", "/v/f")).toEqual(said("kept"));
      expect(await outcome("ps", "-aq")).toEqual(said(""));
    });

    it("looks into a container that runs", async () => {
      await outcome(
        "run",
        "-d",
        "--name",
        "one",
        "--network",
        "none",
        "--stop-timeout",
        "0",
        baseImage,
        "sh",
        "-c",
        "echo begun; sleep 100",
      );
      expect(await outcome("ps", "--format", "{{.Names}} {{.State}}")).toEqual(said("one running"));
      expect(await outcome("exec", "one", "sh", "-c", "echo inside; exit 7")).toMatchObject({ exitCode: 7, stdout: "inside" });
      expect((await remote(["exec", "-i", "one", "cat"], { input: "typed" })).stdout).toBe("typed");
      expect(await outcome("exec", "one", "nosuch")).toMatchObject({ exitCode: 127 });
      expect(await outcome("logs", "one")).toEqual(said("begun"));
      writeFileSync(join(world.directory, "file"), "copied\n");
      world.give(join(world.directory, "file"));
      expect(await outcome("cp", join(world.directory, "file"), "one:/copy")).toEqual(said(""));
      expect(await outcome("exec", "one", "cat", "/copy")).toEqual(said("copied"));
      expect((await outcome("diff", "one")).stdout).toContain("A /copy");
      expect(await outcome("inspect", "--format", "{{.State.Status}} {{.Name}}", "one")).toEqual(said("running one"));
      expect((await outcome("top", "one", "args")).stdout).toMatch(/^COMMAND\n/);
      expect(await outcome("commit", "-q", "one", "made:one")).toMatchObject({ exitCode: 0 });
      expect(await outcome("rename", "one", "two")).toEqual(said(""));
      expect(await outcome("stop", "two")).toEqual(said("two"));
      expect(await outcome("wait", "two")).toEqual(said("137"));
      expect(await outcome("rm", "two")).toEqual(said("two"));
      expect(await outcome("rmi", "made:one")).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining("Untagged: localhost/made:one"),
      });
      expect(await outcome("create", "--name", "three", "--network", "none", baseImage, "sh", "-c", "echo started; exit 9")).toMatchObject({
        exitCode: 0,
      });
      expect(await outcome("start", "-a", "three")).toMatchObject({ exitCode: 9, stdout: "started" });
      expect(await outcome("rm", "three")).toEqual(said("three"));
    });

    it("builds, and moves images", async () => {
      const context = join(world.directory, "context");
      mkdirSync(context, { recursive: true });
      writeFileSync(join(context, "Containerfile"), `FROM ${baseImage}\nCOPY . /in\nRUN ls /in\nCMD cat /in/a\n`);
      writeFileSync(join(context, "a"), "A\n");
      writeFileSync(join(context, "junk"), "");
      writeFileSync(join(context, ".containerignore"), "junk\n");
      world.give(context);
      const built = await remote(["build", "--network", "none", "-t", "built:1", context]);
      expect(built.exitCode, built.stderr).toBe(0);
      expect(built.stdout).toContain("STEP 3/4: RUN ls /in");
      expect(built.stdout).not.toContain("junk");
      expect(await outcome("run", "--rm", "--network", "none", "built:1")).toEqual(said("A"));
      const archive = join(world.directory, "run", "saved.tar");
      expect(await outcome("save", "-q", "-o", archive, "built:1")).toMatchObject({ exitCode: 0 });
      expect(await outcome("rmi", "built:1")).toMatchObject({ exitCode: 0 });
      expect((await outcome("load", "-i", archive)).stdout).toBe("Loaded image: localhost/built:1");
      expect((await outcome("history", "--format", "{{.CreatedBy}}", "built:1")).stdout).toContain("cat /in/a");
      expect(await outcome("tag", "built:1", "other:1")).toEqual(said(""));
      expect(await outcome("rmi", "-f", "built:1", "other:1")).toMatchObject({ exitCode: 0 });
      expect(await outcome("image", "exists", "built:1")).toMatchObject({ exitCode: 1 });
    });

    it("makes pods, volumes, networks and secrets", async () => {
      expect(await outcome("pod", "create", "--name", "pod", "--network", "none")).toMatchObject({ exitCode: 0 });
      await outcome("run", "-d", "--pod", "pod", "--name", "inside", "--stop-timeout", "0", baseImage, "sleep", "100");
      expect(await outcome("pod", "ps", "--format", "{{.Name}} {{.Status}} {{.NumberOfContainers}}")).toEqual(said("pod Running 2"));
      expect(await outcome("pod", "rm", "-f", "-t", "0", "pod")).toMatchObject({ exitCode: 0 });
      expect(await outcome("volume", "create", "vol2")).toEqual(said("vol2"));
      expect(await outcome("volume", "rm", "vol2")).toEqual(said("vol2"));
      expect(await outcome("network", "create", "net")).toEqual(said("net"));
      expect(await outcome("network", "rm", "net")).toEqual(said("net"));
      expect((await remote(["secret", "create", "sec", "-"], { input: "hidden" })).exitCode).toBe(0);
      expect(await outcome("run", "--rm", "--network", "none", "--secret", "sec", baseImage, "cat", "/run/secrets/sec")).toEqual(
        said("hidden"),
      );
      expect(await outcome("secret", "rm", "sec")).toMatchObject({ exitCode: 0 });
      expect((await outcome("events", "--stream=false", "--filter", "event=died", "--format", "{{.Type}}")).stdout).toContain("container");
      expect(await outcome("system", "prune", "-f", "--volumes")).toMatchObject({ exitCode: 0 });
    });
  },
);
