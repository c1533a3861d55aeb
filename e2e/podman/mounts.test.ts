/** Mounts beyond plain binds and volumes: overlays, images, what systemd needs; and the groups of the caller. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { toolPath } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("mounts, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let source: string;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
    source = join(world.directory, "home", "source");
    await world.runProgram("mkdir", ["-p", source, `${source}.up`, `${source}.work`]);
    await world.runProgram("touch", [join(source, "old")]);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const run = (...args: string[]) => world.run("podman", ["run", "--rm", "--network", "none", ...args]);
  const sh = (script: string): string[] => [baseImage, "sh", "-c", script];

  it("-v …:O shows the source and leaves it alone", async () => {
    const result = await run("-v", `${source}:/s:O`, ...sh("touch /s/new && rm /s/old && ls /s"));
    expect(result).toMatchObject({ exitCode: 0, stdout: "new", stderr: "" });
    expect(readdirSync(source)).toEqual(["old"]);
  });

  it("-v …:O forgets what was written when the run ends", async () => {
    const create = ["create", "--name", "forgetful", "--network", "none", "-v", `${source}:/s:O`, ...sh("ls /s; touch /s/new")];
    expect((await world.run("podman", create)).exitCode).toBe(0);
    for (const _ of [1, 2]) expect(await world.podman("start", "-a", "forgetful")).toBe("old");
    await world.podman("rm", "forgetful");
  });

  it("-v …:O,upperdir=…,workdir=… keeps it", async () => {
    const places = `upperdir=${source}.up,workdir=${source}.work`;
    expect((await run("-v", `${source}:/s:O,${places}`, ...sh("touch /s/kept"))).exitCode).toBe(0);
    expect(readdirSync(`${source}.up`)).toEqual(["kept"]);
    expect((await run("-v", `${source}:/s:O,upperdir=/x`, ...sh("true"))).stderr).toContain("must set both `upperdir` and `workdir`");
    expect((await run("-v", `${source}:/s:O,ro`, ...sh("true"))).stderr).toContain("can't use 'O' with other options");
  });

  it("--mount type=image reads an image's files, and writes beside them", async () => {
    const mount = `type=image,src=${baseImage},dst=/image`;
    const reading = await run("--mount", mount, ...sh("head -n 1 /image/etc/passwd; touch /image/x"));
    expect(reading.stdout).toContain("root:x:0:0");
    expect(reading.stderr).toContain("Read-only file system");
    expect((await run("--mount", `${mount},rw=true`, ...sh("touch /image/x && echo written"))).stdout).toBe("written");
    expect((await run("--mount", `${mount},subpath=/etc,rw=true`, ...sh("touch /image/x && ls /image/passwd"))).stdout).toBe(
      "/image/passwd",
    );
    expect((await run("--mount", "type=image,src=localhost/none,dst=/image", ...sh("true"))).stderr).toContain("image not known");
  });

  it("--mount type=image counts as a mount of the image, until the container ends or somebody takes it away", async () => {
    const image = (...args: string[]) => world.podman(...(rootless ? ["unshare", toolPath("podman")] : []), "image", ...args);
    const container = ["run", "-d", "--name", "holder", "--network", "none", "--mount", `type=image,src=${baseImage},dst=/image`];
    await world.podman(...container, ...sh("sleep 1000"));
    expect(await image("mount")).toContain(baseImage);
    await world.podman("rm", "-f", "-t", "0", "holder");
    expect(await image("mount")).toBe("");
    await world.podman(...container, ...sh("sleep 1000"));
    expect(await image("umount", baseImage)).toMatch(/^[0-9a-f]{64}$/);
    expect(await image("umount", baseImage)).toBe("");
    expect(await world.podman("exec", "holder", "head", "-c", "4", "/image/etc/passwd")).toBe("root");
    await world.podman("rm", "-f", "-t", "0", "holder");
  });

  it("--mount type=glob binds what a pattern fits, type=ramfs keeps files in memory", async () => {
    await world.runProgram("touch", [`${source}.g1`, `${source}.g2`]);
    expect((await run("--mount", `type=glob,src=${source}.g*,dst=/g,ro`, ...sh("ls /g"))).stdout).toBe("source.g1\nsource.g2");
    const missing = await run("--mount", `type=glob,src=${source}.none*`, ...sh("true"));
    expect(missing).toMatchObject({ exitCode: 125, stderr: `Error: no file paths matching glob "${source}.none*"` });
    expect((await run("--mount", "type=ramfs,dst=/r", ...sh("grep -c ' /r ramfs' /proc/self/mounts"))).stdout).toBe("1");
  });

  it("--mount type=artifact binds an artifact's files, for reading only", async () => {
    await world.podman("artifact", "add", "localhost/files:1", join(source, "old"), "/etc/hostname");
    const mount = (more = "", dst = "/a") => ["--mount", `type=artifact,src=localhost/files:1,dst=${dst}${more}`];
    expect((await run(...mount(), ...sh("ls /a; echo x > /a/hostname"))).stderr).toContain("Read-only file system");
    expect((await run(...mount(), ...sh("ls /a"))).stdout).toBe("hostname\nold");
    expect((await run(...mount(",title=hostname", "/one"), ...sh("test -f /one && echo file"))).stdout).toBe("file");
    expect((await run(...mount("", "/etc/passwd"), ...sh("true"))).stderr).toContain("contains more than one blob");
    const missing = await world.run("podman", ["create", "--mount", "type=artifact,src=localhost/none:1,dst=/a", baseImage, "true"]);
    expect(missing).toMatchObject({ exitCode: 125, stderr: "Error: localhost/none:1: artifact does not exist" });
    await world.podman("artifact", "rm", "localhost/files:1");
  });

  it("--volumes-from takes over another container's mounts", async () => {
    await world.podman("create", "--name", "lender", "-v", "lent:/data", "-v", `${source}:/s:ro`, baseImage, "true");
    const result = await run("--volumes-from", "lender", ...sh("touch /data/x && ls /data /s; touch /s/y"));
    expect(result.stdout).toBe("/data:\nx\n\n/s:\nold");
    expect(result.stderr).toContain("Read-only file system");
    await world.podman("rm", "-v", "lender");
    await world.podman("volume", "rm", "lent");
  });

  it("--systemd=always makes fresh places and a signal for systemd", async () => {
    const result = await run(
      "--systemd=always",
      ...sh("grep -c -E ' (/run|/run/lock|/tmp|/var/log/journal) tmpfs' /proc/self/mounts; echo $container_uuid"),
    );
    expect(result.stdout).toMatch(/^4\n[0-9a-f]{32}$/);
    await world.podman("create", "--name", "init", "--systemd=always", baseImage, "true");
    expect(await world.podman("inspect", "init", "--format", "{{.Config.StopSignal}} {{.Config.SystemdMode}}")).toBe("SIGRTMIN+3 true");
    await world.podman("rm", "init");
  });

  it("--group-add keep-groups keeps the caller's groups, alone", async () => {
    expect((await run("--group-add", "keep-groups", ...sh("grep Groups /proc/self/status"))).exitCode).toBe(0);
    expect((await run("--group-add", "keep-groups", "--group-add", "5", ...sh("true"))).stderr).toContain("is not allowed with any other");
  });
});
