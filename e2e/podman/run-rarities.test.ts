/** Options of run that few containers need: each does what it says. */
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("run, rarely used, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const run = (flags: readonly string[], ...command: string[]) =>
    world.podman("run", "--rm", "--network", "none", ...flags, baseImage, ...command);
  const place = (name: string) => {
    const path = join(world.directory, "tmp", name);
    mkdirSync(path, { recursive: true, mode: 0o755 });
    return path;
  };

  it("--env-merge fills in what the image has", async () => {
    expect(await run(["--env-merge", "PATH=${PATH}:/more"], "sh", "-c", "echo $PATH")).toBe("/bin:/more");
  });

  it("--hostuser, --passwd-entry, --group-entry make accounts known", async () => {
    expect(await run(["--hostuser", "daemon"], "grep", "^daemon:", "/etc/passwd")).toMatch(/^daemon:\*:1:1:daemon:/);
    expect((await world.run("podman", ["run", "--rm", "--hostuser", "nosuch", baseImage, "true"])).stderr).toMatch(
      /user: unknown user nosuch$/,
    );
    const flags = ["--user", "123:456", "--passwd-entry", "$USERNAME:x:$UID:$GID::/home/x:/bin/y", "--group-entry", "$GROUPNAME:z:$GID:"];
    expect(await run(flags, "grep", "-h", "^[14][25][36]", "/etc/passwd", "/etc/group")).toBe("123:x:123:456::/home/x:/bin/y\n456:z:456:");
  });

  it("a user whom the image does not know is added to the container's own files, once", async () => {
    const name = `accounts-${rootless}`;
    const rename = "cp /etc/passwd /etc/p && mv /etc/p /etc/passwd";
    await world.podman("run", "--name", name, "--network", "none", "--user", "123:456", baseImage, "true");
    await world.podman("start", "--attach", name);
    expect(await world.podman("diff", name)).toBe("C /etc\nC /etc/group\nC /etc/passwd");
    await world.podman("commit", "--quiet", name, `localhost/${name}`);
    const committed = [
      "run",
      "--rm",
      "--network",
      "none",
      `localhost/${name}`,
      "grep",
      "-ch",
      "^[14][25][36]:",
      "/etc/passwd",
      "/etc/group",
    ];
    expect(await world.podman(...committed)).toBe("1\n1");
    // What useradd does; a file that is bound in could not be replaced.
    expect(await run(["--hostuser", "daemon"], "sh", "-c", `${rename} && grep -c ^daemon: /etc/passwd`)).toBe("1");
    expect(await run(["--read-only", "--user", "123:456"], "grep", "-c", "^123:", "/etc/passwd")).toBe("1");
    await world.podman("rm", name);
    await world.podman("rmi", `localhost/${name}`);
  });

  it("inspect shows the environment that the program has", async () => {
    const name = `environment-${rootless}`;
    await world.podman("run", "--name", name, "--network", "none", "--hostname", "me", "-e", "A=1", baseImage, "true");
    const format = "{{range .Config.Env}}{{.}} {{end}}";
    expect(await world.podman("inspect", "--format", format, name)).toMatch(/A=1 HOME=\S+ HOSTNAME=me *$/);
    await world.podman("rm", name);
  });

  it("--chrootdirs get the files of /etc too", async () => {
    expect(await run(["--hostname", "me", "--chrootdirs", "/srv/jail"], "cat", "/srv/jail/etc/hostname")).toBe("me");
  });

  it("--personality and proc options reach the runtime", async () => {
    expect(await run(["--personality", "LINUX32"], "cat", "/proc/self/personality")).toBe("00000008");
    expect(await run(["--security-opt", "proc-opts=hidepid=2"], "grep", " /proc proc ", "/proc/mounts")).toMatch(/hidepid=(2|invisible)/);
  });

  it("--rootfs PATH:O leaves the directory as it is", async () => {
    const rootfs = join(world.directory, "tmp", "rootfs");
    await world.runProgram("sh", ["-c", `mkdir -p ${rootfs}/bin ${rootfs}/etc && cp /bin/busybox ${rootfs}/bin/`]);
    const command = ["run", "--rm", "--network", "none", "--rootfs", `${rootfs}:O`, "/bin/busybox", "sh", "-c", "echo x >/new && cat /new"];
    expect(await world.podman(...command)).toBe("x");
    expect((await world.runProgram("ls", [rootfs])).stdout).not.toContain("new");
  });

  it.skipIf(rootless)(
    "--rootfs PATH:idmap shows the directory with its owners shifted (the kernel shifts mounts of root alone)",
    async () => {
      const rootfs = join(world.directory, "tmp", "shifted");
      await world.runProgram("sh", ["-c", `mkdir -p ${rootfs}/bin ${rootfs}/etc && cp /bin/busybox ${rootfs}/bin/`]);
      const owner = (root: string) =>
        world.podman(
          "run",
          "--rm",
          "--network",
          "none",
          "--uidmap",
          "0:100000:65536",
          "--rootfs",
          root,
          "/bin/busybox",
          "stat",
          "-c",
          "%u %g",
          "/bin",
        );
      expect(await owner(`${rootfs}:idmap`)).toBe("0 0");
      expect(await owner(`${rootfs}:idmap=uids=@0-7-10;gids=@0-8-10`)).toBe("7 8");
      const plain = await world.run("podman", ["run", "--rm", "--network", "none", "--rootfs", `${rootfs}:idmap`, "/bin/busybox"]);
      expect(plain.stderr).toMatch(/needs a container with a user namespace of its own/);
    },
  );

  it("hooks see and change what is made", async () => {
    const hooks = place("hooks");
    const script = join(hooks, "hook.sh");
    writeFileSync(script, "#!/bin/sh\nsed s/before/after/\n", { mode: 0o755 });
    const hook = { version: "1.0.0", hook: { path: script }, when: { commands: ["echo"] }, stages: ["precreate"] };
    writeFileSync(join(hooks, "a.json"), JSON.stringify(hook));
    expect(await world.podman("--hooks-dir", hooks, "run", "--rm", "--network", "none", baseImage, "echo", "before")).toBe("after");
  });

  it("CDI devices are found in their files", async () => {
    const spec = {
      cdiVersion: "0.6.0",
      kind: "vendor.com/dev",
      devices: [
        {
          name: "one",
          containerEdits: {
            env: ["ONE=1"],
            deviceNodes: [{ path: "/dev/one", hostPath: "/dev/null" }],
            mounts: [{ hostPath: "/usr", containerPath: "/mnt/usr", options: ["ro", "rbind"] }],
          },
        },
      ],
    };
    const directory = place("cdi");
    writeFileSync(join(directory, "vendor.json"), JSON.stringify(spec));
    const conf = join(directory, "containers.conf");
    writeFileSync(conf, `[engine]\ncdi_spec_dirs = ["${directory}"]\n`);
    const command = [
      "run",
      "--rm",
      "--network",
      "none",
      "--device",
      "vendor.com/dev=one",
      baseImage,
      "sh",
      "-c",
      "echo $ONE; test -c /dev/one; ls -d /mnt/usr/bin",
    ];
    expect(await world.run("podman", command, { env: { CONTAINERS_CONF_OVERRIDE: conf } })).toMatchObject({ stdout: "1\n/mnt/usr/bin" });
    expect((await world.run("podman", ["run", "--rm", "--device", "x.com/y=z", baseImage, "true"])).stderr).toBe(
      "Error: setting up CDI devices: unresolvable CDI devices x.com/y=z",
    );
  });

  it("containers.conf's devices, volumes, mounts, names and environment count", async () => {
    const directory = place("conf");
    const conf = join(directory, "containers.conf");
    writeFileSync(
      conf,
      `[containers]\ndevices = ["/dev/null:/dev/mine"]\nvolumes = ["${directory}:/here:ro"]\nmounts = ["type=tmpfs,dst=/fresh"]\ncontainer_name_as_hostname = true\nenv = ["FROM=conf"]\nannotations = ["a=b"]\n[engine]\nenv = ["HTTP_PROXY=http://engine"]\n`,
    );
    const command = [
      "run",
      "--rm",
      "--name",
      "by_name",
      "--network",
      "none",
      baseImage,
      "sh",
      "-c",
      "test -c /dev/mine && ls /here && grep -c ' /fresh tmpfs' /proc/mounts && hostname && echo $FROM $HTTP_PROXY",
    ];
    expect(await world.run("podman", command, { env: { CONTAINERS_CONF_OVERRIDE: conf } })).toMatchObject({
      stdout: "containers.conf\n1\nby-name\nconf http://engine",
    });
  });

  it("an exec session as another user has the groups that the container was given", async () => {
    await world.podman("run", "-d", "--name", "grouped", "--network", "none", "--group-add", "7,8", baseImage, "sleep", "60");
    const groups = (user: string) => world.podman("exec", "--user", user, "grouped", "grep", "^Groups:", "/proc/self/status");
    expect((await groups("0")).trim()).toBe("Groups:\t0 7 8");
    expect((await groups("3:3")).trim()).toBe("Groups:\t3 7 8");
    await world.podman("rm", "-f", "-t0", "grouped");
  });

  it("the monitor, and with it hooks and the runtime, have the caller's environment, but not what was said to podman alone", async () => {
    const env = { OF_THE_CALLER: "seen", NOTIFY_SOCKET: "/nowhere" };
    await world.run("podman", ["run", "-d", "--sdnotify", "ignore", "--name", "watched", "--network", "none", baseImage, "sleep", "60"], {
      env,
    });
    const pid = await world.podman("inspect", "--format", "{{.State.ConmonPid}}", "watched");
    const environment = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    expect(environment).toContain("OF_THE_CALLER=seen");
    expect(environment.filter((entry) => /^NOTIFY_SOCKET=/.test(entry))).toEqual([]);
    expect(readlinkSync(`/proc/${pid}/exe`)).toMatch(/\/conmon$/);
    await world.podman("rm", "-f", "-t0", "watched");
  });

  it("/dev/shm goes with the ipc namespace", async () => {
    const missing = await world.run("podman", ["run", "--rm", "--network", "none", "--ipc", "none", baseImage, "ls", "/dev/shm"]);
    expect(missing).toMatchObject({ exitCode: 1, stderr: "ls: /dev/shm: No such file or directory" });
    for (const ipc of ["private", "host"])
      await world.podman("run", "-d", "--name", `ipc-${ipc}`, "--network", "none", "--ipc", ipc, baseImage, "sleep", "60");
    expect((await world.run("podman", ["create", "--ipc", "container:ipc-private", baseImage])).stderr).toMatch(
      /^Error: joining IPC of container [0-9a-f]{64} is not allowed: non-shareable IPC/,
    );
    // An ordinary user's container may not enter a namespace of the host's by name.
    if (!rootless)
      expect(await run(["--ipc", "container:ipc-host"], "readlink", "/proc/self/ns/ipc")).toBe(readlinkSync("/proc/self/ns/ipc"));
    await world.podman("rm", "-f", "-t0", "ipc-private", "ipc-host");
  });

  it("a container without a network has a namespace that others can join by its key", async () => {
    await world.podman("run", "-d", "--name", "keyed", "--network", "none", baseImage, "sleep", "60");
    expect(await world.podman("inspect", "--format", "{{.NetworkSettings.SandboxKey}}", "keyed")).toMatch(/^\/proc\/\d+\/ns\/net$/);
    await world.podman("rm", "-f", "-t0", "keyed");
  });

  it("what has --rm and cannot be started goes", async () => {
    await world.podman("create", "--rm", "--name", "hopeless", "--network", "none", baseImage, "/etc");
    expect((await world.run("podman", ["start", "hopeless"])).exitCode).toBe(125);
    expect((await world.run("podman", ["container", "exists", "hopeless"])).exitCode).toBe(1);
  });

  it("what cannot be is refused", async () => {
    const refused = async (...flags: string[]) => (await world.run("podman", ["create", ...flags, baseImage])).stderr;
    expect(await refused("--sysctl", "net.ipv4.ip_forward=1", "--network", "host")).toBe(
      "Error: sysctl net.ipv4.ip_forward=1 can't be set since Network Namespace set to host: invalid argument",
    );
    expect(await refused("--requires", "nosuch")).toBe(
      'Error: "nosuch" is not a valid container, cannot be used as a dependency: no container with name or ID "nosuch" found: no such container',
    );
    expect(await refused("--device-read-bps", "/dev/zero:1m")).toBe("Error: /dev/zero: not a block device");
    expect(await refused("--cgroups", "foo")).toBe('Error: running container create option: invalid cgroup mode "foo": invalid argument');
    expect(await refused("--blkio-weight-device", "/dev/loop0:5")).toBe("Error: invalid weight for device: /dev/loop0:5");
    expect(await refused("--cgroup-conf", "x")).toBe("Error: --cgroup-conf must be formatted KEY=VALUE");
  });
});
