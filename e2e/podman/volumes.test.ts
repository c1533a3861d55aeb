/** podman volume: options that mount, images as volumes, plugins, archives. */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

let world: World;
let plugin: Plugin;

beforeAll(async () => {
  world = await createWorld({ containersConf: "[engine.volume_plugins]\n" });
  const socket = join(world.directory, "plugin.sock");
  writeFileSync(
    join(world.directory, "conf", "containers.conf"),
    `${readFileSync(join(world.directory, "conf", "containers.conf"), "utf8")}remote = "${socket}"\ngone = "/nosuch.sock"\n`,
  );
  plugin = await startPlugin(socket, join(world.directory, "plugin"));
  await buildBaseImage(world);
});
afterEach(async () => {
  await world.podman("rm", "-f", "-a", "-t", "0");
  await world.podman("volume", "rm", "-a", "-f");
});
afterAll(async () => {
  plugin?.server.close();
  await world?.destroy();
});

const run = (...args: string[]) => world.podman("run", "--rm", "--network", "none", ...args);
const inspect = (name: string, format: string) => world.podman("volume", "inspect", "--format", format, name);

describe("a local volume", () => {
  it("of the type tmpfs is mounted while somebody uses it", async () => {
    await world.podman("volume", "create", "-o", "type=tmpfs", "-o", "o=size=2M,uid=1000,gid=1001,nodev", "t");
    expect(await inspect("t", "{{json .Options}}")).toBe(
      '{"GID":"1001","SIZE":"2M","UID":"1000","o":"size=2M,uid=1000,gid=1001,nodev","type":"tmpfs"}',
    );
    expect(
      await run("-v", "t:/x", baseImage, "sh", "-c", "stat -c '%u %g' /x; df -k /x | tail -1 | cut -c1-40; touch /x/f; ls /x"),
    ).toMatch(/^1000 1001\ntmpfs +2048.*\nf$/);
    expect(await run("-v", "t:/x", baseImage, "ls", "/x")).toBe("");
    await world.podman("run", "-d", "--network", "none", "--name", "c", "-v", "t:/x", baseImage, "sleep", "100");
    expect(await world.podman("volume", "mount", "t")).toBe(await inspect("t", "{{.Mountpoint}}"));
    expect(await inspect("t", "{{.MountCount}}")).toBe("2");
    await world.podman("rm", "-f", "-t", "0", "c");
    expect(await inspect("t", "{{.MountCount}}")).toBe("1");
    expect(await world.podman("volume", "unmount", "t")).toBe("t");
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain("/volumes/t/_data");
  });

  it("whose removal was killed is gone for good with the next that is removed", async () => {
    const left = join(world.graphRoot, "volumes", ".removing-gone");
    mkdirSync(join(left, "_data"), { recursive: true });
    await world.podman("volume", "create", "other");
    expect(existsSync(left)).toBe(true);
    expect(await world.podman("volume", "rm", "other")).toBe("other");
    expect(existsSync(left)).toBe(false);
  });

  it("of the type bind shows a directory of the host's", async () => {
    const directory = join(world.directory, "shared");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "file"), "shared");
    await world.podman("volume", "create", "-o", "type=bind", "-o", `device=${directory}`, "-o", "o=ro", "b");
    expect(await run("-v", "b:/x", baseImage, "cat", "/x/file")).toBe("shared");
    expect((await world.run("podman", ["run", "--rm", "--network", "none", "-v", "b:/x", baseImage, "touch", "/x/y"])).exitCode).toBe(1);
    await world.podman("volume", "mount", "b");
    await world.podman("volume", "rm", "b");
    expect(existsSync(join(directory, "file"))).toBe(true);
  });

  it("that cannot be mounted keeps its container from starting, with mount's reason", async () => {
    await world.podman("volume", "create", "-o", "type=nosuchfs", "-o", "device=none", "n");
    const answer = await world.run("podman", ["run", "--rm", "--network", "none", "-v", "n:/x", baseImage, "true"]);
    expect(answer.exitCode).toBe(126);
    expect(answer.stderr).toMatch(/mounting volume n: mount: .*\/volumes\/n\/_data/);
    expect(await inspect("n", "{{.MountCount}}")).toBe("0");
  });

  it("keeps the owner that was asked for", async () => {
    await world.podman("volume", "create", "--uid", "1000", "--gid", "10", "one");
    await world.podman("volume", "create", "-o", "o=uid=1000", "two");
    expect(await run("-v", "one:/x", "-v", "two:/y", baseImage, "stat", "-c", "%u %g", "/x", "/y")).toBe("1000 10\n1000 0");
  });

  it("is filled with the image's files, unless that was not wanted", async () => {
    await world.podman("volume", "create", "-o", "nocopy", "empty");
    expect(await run("-v", "empty:/etc", baseImage, "ls", "/etc")).not.toContain("passwd");
    expect(await run("-v", "full:/etc", baseImage, "ls", "/etc")).toContain("passwd");
  });

  it("is refused for what does not fit", async () => {
    const cases: ReadonlyArray<readonly [readonly string[], string]> = [
      [["-o", "foo=bar"], "invalid mount option foo for driver 'local': invalid argument"],
      [
        ["-o", "type=bind", "-o", "device=/nosuch"],
        "invalid volume option device for driver 'local': faccessat /nosuch: no such file or directory",
      ],
      [["-o", "o=uid=x"], "cannot convert UID x to integer"],
      [["-o", "o=size=1m,noquota"], "volume options size and inodes cannot be used without quota"],
      [["-o", "type=tmpfs", "-o", "o=inodes=5"], "volume option inodes not supported on tmpfs filesystem"],
      [["-o", "o=timeout=5"], "Volume driver timeout can only be used with non-local volume drivers"],
      [["-d", "image"], "must provide an image name when creating a volume with the image driver"],
      [["-d", "image", "-o", "image=nosuch"], "looking up image nosuch to create volume failed: nosuch: image not known"],
      [["-d", "nosuch"], "no volume plugin with name nosuch available: required plugin missing"],
      [["-d", "gone"], 'cannot access plugin gone socket "/nosuch.sock": required plugin missing'],
    ];
    for (const [flags, message] of cases)
      expect(await world.run("podman", ["volume", "create", ...flags, "x"]), flags.join(" ")).toMatchObject({
        exitCode: 125,
        stderr: expect.stringContaining(message),
      });
    expect(await world.podman("volume", "ls", "-q")).toBe("");
  });
});

describe("a volume of the driver image", () => {
  it("has the image's files and keeps what is changed", async () => {
    await world.podman("volume", "create", "-d", "image", "-o", `image=${baseImage}`, "i");
    expect(await run("-v", "i:/x", baseImage, "sh", "-c", "ls /x/bin/busybox; echo kept > /x/new")).toBe("/x/bin/busybox");
    expect(await run("-v", "i:/x", baseImage, "cat", "/x/new")).toBe("kept");
    const path = await world.podman("volume", "mount", "i");
    expect(readFileSync(join(path, "new"), "utf8")).toBe("kept\n");
    await world.podman("volume", "unmount", "i");
    await world.podman("volume", "rm", "i");
    expect(await world.podman("ps", "-a", "--external", "-q")).toBe("");
  });
});

describe("archives of volumes", () => {
  it("are written and read, through files and pipes", async () => {
    const tar = join(world.directory, "v.tar");
    await run("-v", "v:/x", baseImage, "sh", "-c", "echo one > /x/f; ln -s f /x/l; mkdir /x/d; chown 1000 /x/d");
    await world.podman("volume", "export", "v", "-o", tar);
    expect((await world.runProgram("tar", ["-tf", tar])).stdout).toBe("d/\nf\nl");
    await world.runProgram("gzip", ["-kf", tar]);
    await world.podman("volume", "create", "w");
    await world.ok("podman", ["volume", "import", "w", "-"], { input: readFileSync(`${tar}.gz`) });
    expect(await run("-v", "w:/x", baseImage, "sh", "-c", "cat /x/l; stat -c %u /x/d")).toBe("one\n1000");
    expect((await world.run("podman", ["volume", "import", "w", "/nosuch"])).stderr).toBe(
      "Error: unable open input file: open /nosuch: no such file or directory",
    );
    const missing = { exitCode: 125, stderr: 'Error: no volume with name "nosuch" found: no such volume' };
    expect(await world.run("podman", ["volume", "export", "nosuch"])).toMatchObject(missing);
    expect(await world.run("podman", ["volume", "import", "nosuch", tar])).toMatchObject(missing);
  });
});

describe("a volume of a plugin's", () => {
  it("is made, mounted and removed by the plugin", async () => {
    await world.podman("volume", "create", "-d", "remote", "-o", "colour=blue", "p");
    expect(plugin.options.get("p")).toEqual({ colour: "blue" });
    expect(await run("-v", "p:/x", baseImage, "sh", "-c", "echo hi > /x/f; cat /x/f")).toBe("hi");
    expect(readFileSync(join(world.directory, "plugin", "p", "f"), "utf8")).toBe("hi\n");
    expect(plugin.mounts).toBe(0);
    expect(await inspect("p", "{{.Timeout}} {{.Status.of}}")).toBe("5 p");
    await world.podman("volume", "rm", "p");
    expect(plugin.options.has("p")).toBe(false);
  });

  it("can be removed when the plugin is gone", async () => {
    const socket = join(world.directory, "plugin.sock");
    await world.podman("volume", "create", "-d", "remote", "lost");
    renameSync(socket, `${socket}.away`);
    const removal = await world.run("podman", ["volume", "rm", "lost"]);
    renameSync(`${socket}.away`, socket);
    expect(removal).toMatchObject({ exitCode: 125, stderr: expect.stringContaining("but it has been removed from Podman") });
    expect((await world.run("podman", ["volume", "exists", "lost"])).exitCode).toBe(1);
    plugin.options.delete("lost");
  });

  it("is seen and forgotten by a reload", async () => {
    plugin.options.set("own", {});
    const first = await world.run("podman", ["volume", "reload"]);
    expect(first.stdout).toBe("Added:\nown");
    expect(first.stderr).toContain("/nosuch.sock");
    expect(await inspect("own", "{{.Driver}}")).toBe("remote");
    plugin.options.delete("own");
    expect((await world.run("podman", ["volume", "reload"])).stdout).toBe("Removed:\nown");
  });
});

interface Plugin {
  readonly server: Server;
  readonly options: Map<string, unknown>;
  mounts: number;
}

/** A volume plugin as Docker's protocol has it: volumes are directories. */
async function startPlugin(socket: string, directory: string): Promise<Plugin> {
  const options = new Map<string, unknown>();
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += String(chunk);
    });
    request.on("end", () => response.end(JSON.stringify(answer(request.url ?? "", body === "" ? {} : JSON.parse(body)))));
  });
  const made: Plugin = { server, options, mounts: 0 };
  const answer = (path: string, { Name: name, Opts: opts }: { readonly Name?: string; readonly Opts?: unknown }): object => {
    switch (path) {
      case "/Plugin.Activate":
        return { Implements: ["VolumeDriver"] };
      case "/VolumeDriver.List":
        return { Volumes: [...options.keys()].map((known) => ({ Name: known })) };
      case "/VolumeDriver.Get":
        return { Volume: { Name: name, Status: { of: name } } };
      case "/VolumeDriver.Create":
        options.set(name ?? "", opts);
        return {};
      case "/VolumeDriver.Remove":
        options.delete(name ?? "");
        rmSync(join(directory, name ?? ""), { recursive: true, force: true });
        return {};
      case "/VolumeDriver.Mount":
        made.mounts += 1;
        mkdirSync(join(directory, name ?? ""), { recursive: true });
        return { Mountpoint: join(directory, name ?? "") };
      case "/VolumeDriver.Unmount":
        made.mounts -= 1;
        return {};
      default:
        return { Err: `unknown ${path}` };
    }
  };
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return made;
}
