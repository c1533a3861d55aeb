/** podman cp: between containers and the host, running and not, as root and rootless. */
import { lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { eventually } from "../harness/eventually.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("copies of files, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let directory: string;
  let count = 0;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  beforeEach(async () => {
    count += 1;
    directory = join(world.directory, "tmp", `cp${count}`);
    await world.runProgram("mkdir", ["-p", `${directory}/tree/sub`, `${directory}/out`]);
    await world.runProgram("sh", [
      "-c",
      `cd ${directory} && echo hello >f && echo deep >tree/sub/x && ln -s sub/x tree/link && chmod 640 f`,
    ]);
  });
  afterEach(async () => {
    await world.podman("rm", "-f", "-a", "-t", "0");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const cp = (...args: string[]) => world.podman("cp", ...args);
  const failure = async (...args: string[]) => {
    const { exitCode, stderr } = await world.run("podman", ["cp", ...args]);
    return { exitCode, stderr };
  };

  it("goes into and out of a container that never ran", async () => {
    await world.podman("create", "--name", "c", "--network", "none", "-u", "alice", baseImage, "sleep", "100");
    await cp(`${directory}/f`, "c:/tmp/renamed");
    await cp(`${directory}/tree`, "c:/tmp");
    await cp(`${directory}/tree/.`, "c:/tmp/content");
    await cp("c:/tmp/renamed", `${directory}/out/back`);
    expect(readFileSync(`${directory}/out/back`, "utf8")).toBe("hello\n");
    await cp("c:/tmp/tree", `${directory}/out`);
    expect(readlinkSync(`${directory}/out/tree/link`)).toBe("sub/x");
    expect(lstatSync(`${directory}/out/tree/sub/x`).uid).toBe(world.user?.uid ?? 0);
    await world.podman("start", "c");
    expect(await world.podman("exec", "c", "stat", "-c", "%a %U %n", "/tmp/renamed", "/tmp/tree", "/tmp/content/sub/x")).toBe(
      "640 alice /tmp/renamed\n755 alice /tmp/tree\n644 alice /tmp/content/sub/x",
    );
  });

  it("sees a running container as its process does: volumes, tmpfs, and paths below its working directory", async () => {
    const volume = `v${count}`;
    await world.podman(
      ...[
        "run",
        "-d",
        "--name",
        "r",
        "--network",
        "none",
        "-w",
        "/root",
        "-v",
        `${volume}:/data`,
        "--tmpfs",
        "/fast",
        baseImage,
        "sleep",
        "100",
      ],
    );
    for (const place of ["/data/f", "/fast/f", "named"]) await cp(`${directory}/f`, `r:${place}`);
    expect(await world.podman("exec", "r", "cat", "/data/f", "/fast/f", "/root/named")).toBe("hello\nhello\nhello");
    await world.podman("stop", "-t", "0", "r");
    await cp("r:/data/f", `${directory}/out/from-volume`);
    expect(readFileSync(`${directory}/out/from-volume`, "utf8")).toBe("hello\n");
    await world.podman("rm", "r");
    await world.podman("volume", "rm", volume);
  });

  it("goes from container to container and through archives", async () => {
    await world.podman("run", "-d", "--name", "one", "--network", "none", baseImage, "sh", "-c", "echo from-one >/tmp/x; sleep 100");
    await world.podman("create", "--name", "two", "--network", "none", baseImage);
    await eventually(async () => (await world.run("podman", ["exec", "one", "grep", "-q", "one", "/tmp/x"])).exitCode === 0);
    await cp("one:/tmp/x", "two:/root/y");
    await cp("two:/root/y", `${directory}/out/y`);
    expect(readFileSync(`${directory}/out/y`, "utf8")).toBe("from-one\n");
    const piped = await world.runProgram("sh", [
      "-c",
      `"$0" cp two:/root - | tee ${directory}/out/a.tar | gzip | "$0" cp - one:/tmp && tar tf ${directory}/out/a.tar`,
      (await import("../harness/binaries.ts")).toolPath("podman"),
    ]);
    expect(piped.stdout).toBe("root/\nroot/y");
    expect(await world.podman("exec", "one", "cat", "/tmp/root/y")).toBe("from-one");
  });

  it("never follows a container's link out of it", async () => {
    const secret = join(directory, "host-secret");
    writeFileSync(secret, "of the host");
    await world.podman(
      ...["run", "-d", "--name", "evil", "--network", "none", baseImage],
      ...["sh", "-c", `mkdir -p /tmp${directory} && ln -s / /tmp/up && ln -s ../../../../../..${secret} /tmp/steal && sleep 100`],
    );
    await eventually(async () => (await world.run("podman", ["exec", "evil", "readlink", "/tmp/steal"])).exitCode === 0);
    expect(await failure("evil:/tmp/steal", `${directory}/out/stolen`)).toEqual({
      exitCode: 125,
      stderr: 'Error: "/tmp/steal" could not be found on container evil: no such file or directory',
    });
    await cp(`${directory}/f`, "evil:/tmp/up/planted");
    expect(await world.podman("exec", "evil", "cat", "/planted")).toBe("hello");
  });

  it("says what does not fit", async () => {
    await world.podman("create", "--name", "c", "--network", "none", baseImage);
    await cp(`${directory}/tree`, "c:/tmp/");
    mkdirSync(join(directory, "other"));
    writeFileSync(join(directory, "other", "sub"), "a file");
    const expected: Array<readonly [readonly string[], string]> = [
      [["nosuch:/x", directory], 'container "nosuch" does not exist'],
      [[`${directory}/nosuch`, "c:/"], `"${directory}/nosuch" could not be found on the host: no such file or directory`],
      [[`${directory}/f`, "c:/no/dir"], '"/no/dir" could not be found on container c: no such file or directory'],
      [[`${directory}/f`, "c:/no/"], '"/no/" could not be found on container c: no such file or directory'],
      [[`${directory}/tree`, "c:/etc/passwd"], "destination must be a directory when copying a directory"],
      [["c:/tmp/tree", `${directory}/f`], "destination must be a directory when copying a directory"],
      [["-", "c:/etc/passwd"], "destination must be a directory when copying from stdin"],
      [["-", "c:/tmp"], "source must be a (compressed) tar archive when copying from stdin"],
      [[`${directory}/f`, `${directory}/g`], "name or ID cannot be empty"],
      [["c:", directory], `invalid arguments "c:", "${directory}": you must specify paths`],
    ];
    for (const [args, message] of expected)
      expect(await failure(...args), args.join(" ")).toEqual({ exitCode: 125, stderr: `Error: ${message}` });
    expect((await failure(`${directory}/other/.`, "c:/tmp/tree")).stderr).toContain("file exists");
    await cp("--overwrite", `${directory}/other/.`, "c:/tmp/tree");
    symlinkSync("f", join(directory, "alias"));
    await cp(`${directory}/alias`, "c:/tmp");
    await cp("c:/tmp/alias", `${directory}/out`);
    expect(lstatSync(`${directory}/out/alias`).isFile()).toBe(true);
  });
});
