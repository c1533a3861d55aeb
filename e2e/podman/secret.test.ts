/** podman secret: kept as the original keeps them, given to containers as files and in the environment. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { systemProgram } from "../harness/binaries.ts";
import { createWorld, type World } from "../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("secrets, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterEach(async () => {
    await world.podman("rm", "-f", "-a", "-t", "0");
    await world.podman("secret", "rm", "-a");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const create = (name: string, data: string, ...flags: string[]) =>
    world.ok("podman", ["secret", "create", ...flags, name, "-"], { input: data });
  const inContainer = (flags: readonly string[], script: string) =>
    world.podman("run", "--rm", "--network", "none", ...flags, baseImage, "sh", "-c", script);

  it("are kept in the original's files, readable by their owner alone", async () => {
    const id = await create("one", "top secret", "-l", "a=b");
    expect(id).toMatch(/^[0-9a-f]{25}$/);
    const directory = join(world.graphRoot, "secrets");
    expect(JSON.parse(readFileSync(join(directory, "secrets.json"), "utf8"))).toMatchObject({
      secrets: { [id]: { name: "one", id, labels: { a: "b" }, driver: "file", driverOptions: { path: `${directory}/filedriver` } } },
      nameToID: { one: id },
      idToName: { [id]: "one" },
    });
    const data = join(directory, "filedriver", "secretsdata.json");
    expect(JSON.parse(readFileSync(data, "utf8"))).toEqual({ [id]: Buffer.from("top secret").toString("base64") });
    expect(statSync(data).mode & 0o777).toBe(0o600);
  });

  it("are listed and inspected without their data", async () => {
    const id = await create("shown", "x");
    expect(await world.podman("secret", "ls", "--format", "{{.ID}} {{.Name}} {{.Driver}}")).toBe(`${id} shown file`);
    const inspected = await world.podman("secret", "inspect", "shown");
    expect(JSON.parse(inspected)).toMatchObject([{ ID: id, Spec: { Name: "shown", Driver: { Name: "file" }, Labels: {} } }]);
    expect(inspected).not.toContain("SecretData");
    expect(JSON.parse(await world.podman("secret", "inspect", "--showsecret", "shown"))[0].SecretData).toBe("x");
    expect((await world.run("podman", ["secret", "exists", "nosuch"])).exitCode).toBe(1);
  });

  it("reach containers as files and in the environment", async () => {
    await create("s", "abc");
    const show = "stat -c '%a %u %g' /run/secrets/* && cat /run/secrets/*";
    expect(await inContainer(["--secret", "s"], show)).toBe("444 0 0\nabc");
    expect(await inContainer(["--secret", "s,target=t,uid=1000,gid=10,mode=0400"], show)).toBe("400 1000 10\nabc");
    expect(await inContainer(["--secret", "s,target=/opt/key"], "cat /opt/key; ls /run/secrets")).toBe("abc");
    expect(await inContainer(["--secret", "s,type=env,target=KEY"], "echo $KEY")).toBe("abc");
  });

  it("stay with a container as they were; those in its environment are read anew", async () => {
    await create("s", "old");
    await world.podman(
      ...["create", "--name", "c", "--network", "none", "--secret", "s", "--secret", "s,type=env,target=KEY", baseImage],
      ...["sh", "-c", "echo $(cat /run/secrets/s) $KEY"],
    );
    await create("s", "new", "--replace");
    expect(await world.podman("start", "-a", "c")).toBe("old new");
    const shown: unknown = JSON.parse(await world.podman("inspect", "--format", "{{json .Config.Env}}", "c"));
    expect(shown).toContain("KEY=*******");
    const kept = await world.podman("inspect", "--format", "{{.StaticDir}}", "c");
    await world.podman("rm", "c");
    expect(existsSync(kept)).toBe(false);
  });

  it("are kept by commands of the user's", async () => {
    const directory = join(world.directory, "tmp");
    const commands = { delete: "rm", list: "ls", lookup: "cat", store: "cat >" };
    const flags = Object.entries(commands).flatMap(([name, command]) => [
      "--driver-opts",
      `${name}=${command} ${directory}/${name === "list" ? "" : "$SECRET_ID"}`,
    ]);
    const id = await create("mine", "kept elsewhere", "-d", "shell", ...flags);
    expect(readFileSync(join(directory, id), "utf8")).toBe("kept elsewhere");
    expect(await inContainer(["--secret", "mine"], "cat /run/secrets/mine")).toBe("kept elsewhere");
    expect(JSON.parse(await world.podman("secret", "inspect", "--showsecret", "mine"))[0]).toMatchObject({
      SecretData: "kept elsewhere",
      Spec: { Driver: { Name: "shell", Options: { lookup: `cat ${directory}/$SECRET_ID` } } },
    });
    await world.podman("secret", "rm", "mine");
    expect(existsSync(join(directory, id))).toBe(false);
    const refused = (...words: string[]) => world.run("podman", ["secret", "create", "-d", "shell", ...words, "x", "/etc/hostname"]);
    expect((await refused("--driver-opts", "lookup=true")).stderr).toContain("missing config value");
    expect((await refused("--driver-opts", "foo=true")).stderr).toContain('invalid shell driver option: "foo"');
  });

  it.skipIf(systemProgram("gpg") === undefined)("are kept in a password store", async () => {
    const home = join(world.directory, "tmp", "gnupg");
    await world.runProgram("mkdir", ["-m", "700", home]);
    const made = await world.runProgram("gpg", [
      "--homedir",
      home,
      "--batch",
      "--passphrase",
      "",
      "--quick-gen-key",
      "e2e@example.org",
      "default",
    ]);
    expect(made.exitCode, made.stderr).toBe(0);
    const root = join(world.directory, "tmp", "store");
    const options = `root=${root},key=e2e@example.org,gpghomedir=${home}`;
    const id = await create("locked", "very secret", "-d", "pass", "--driver-opts", options);
    expect(readFileSync(join(root, `${id}.gpg`)).includes("very secret")).toBe(false);
    expect(await inContainer(["--secret", "locked,type=env,target=KEY"], "echo $KEY")).toBe("very secret");
    const again = await create("locked", "replaced", "-d", "pass", "--driver-opts", options, "--replace");
    expect(existsSync(join(root, `${id}.gpg`))).toBe(false);
    expect(await inContainer(["--secret", "locked"], "cat /run/secrets/locked")).toBe("replaced");
    await world.podman("secret", "rm", "locked");
    expect(existsSync(join(root, `${again}.gpg`))).toBe(false);
    await world.runProgram("gpgconf", ["--homedir", home, "--kill", "all"]);
  });

  it("belong to the container's root and user in a user namespace of its own", async () => {
    await create("s", "abc");
    const flags = ["--uidmap", "0:1:5000", "--gidmap", "0:1:5000", "--secret", "s,uid=1000,gid=10,mode=0400"];
    expect(await inContainer(flags, "stat -c '%a %u %g' /run/secrets /run/secrets/s")).toBe("755 0 0\n400 1000 10");
  });

  it("have proper names", async () => {
    for (const name of ["a/b", "a=b", "a,b", "", "..", " a", "a\nb", "x".repeat(254)])
      expect(await world.run("podman", ["secret", "create", name, "/etc/hostname"]), name).toMatchObject({
        exitCode: 125,
        stderr: expect.stringContaining("invalid secret name"),
      });
  });

  it("are refused with the original's words", async () => {
    await create("taken", "x");
    const cases: Array<readonly [readonly string[], string]> = [
      [["secret", "create", "taken", "/etc/hostname"], "taken: secret name in use"],
      [["secret", "create", "new", "/nosuch"], "open /nosuch: no such file or directory"],
      [["secret", "create", "-d", "foo", "new", "/etc/passwd"], "invalid driver"],
      [["secret", "rm", "nosuch"], 'no secret with name or id "nosuch": no such secret'],
      [["run", "--rm", "--secret", "nosuch", baseImage, "true"], 'no secret with name or id "nosuch": no such secret'],
      [["run", "--rm", "--secret", "taken,type=foo", baseImage, "true"], "type foo is invalid: parsing secret"],
      [
        ["run", "--rm", "--secret", "taken,type=env,mode=0400", baseImage, "true"],
        "UID, GID, Mode options cannot be set with secret type env: parsing secret",
      ],
    ];
    for (const [args, message] of cases)
      expect(await world.run("podman", args), args.join(" ")).toMatchObject({ exitCode: 125, stderr: `Error: ${message}` });
  });
});
