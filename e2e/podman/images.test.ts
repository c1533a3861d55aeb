/** The image commands: what they print, what they leave in the store, and their exit codes. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { originalPath } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("podman");

describe.each([{ rootless: false }, { rootless: true }])("images, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let registry: RegistryServer;
  let id = "";
  const at = (name: string): string => join(world.directory, "tmp", name);

  beforeAll(async () => {
    [world, registry] = await Promise.all([createWorld({ rootless }), startRegistry()]);
    const made = await world.runProgram("tar", ["-cf", at("root.tar"), "-C", "/etc", "hostname", "passwd"]);
    expect(made.exitCode, describeResult(made)).toBe(0);
  });
  afterAll(async () => {
    await registry?.stop();
    await world?.destroy();
  });
  beforeEach(async () => {
    await world.podman("rmi", "-a", "-f");
    id = (
      await world.podman("import", "-q", "-m", "made here", "-c", "ENV A=b", "-c", "LABEL x=y", at("root.tar"), "localhost/one:1")
    ).slice("sha256:".length);
  });

  it("lists, by table, template and JSON", async () => {
    await world.podman("tag", "one:1", "two:2");
    const table = (await world.podman("images")).split("\n");
    expect(table[0]?.split(/\s{2,}/)).toEqual(["REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE"]);
    expect(table.slice(1).map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
      ["localhost/two", "2", id.slice(0, 12)],
      ["localhost/one", "1", id.slice(0, 12)],
    ]);
    expect(await world.podman("images", "-q", "--no-trunc")).toBe(`sha256:${id}`);
    expect(await world.podman("images", "--format", "{{.Repository}}:{{.Tag}}", "--filter", "reference=two")).toContain("localhost/two:2");
    const [first] = JSON.parse(await world.podman("images", "--format", "json"));
    expect(first).toMatchObject({
      Id: id,
      ParentId: "",
      RepoTags: null,
      Labels: { x: "y" },
      Containers: 0,
      Names: ["localhost/two:2", "localhost/one:1"],
    });
    expect(await world.podman("images", "-n", "nosuch")).toBe("");
  });

  it("inspects and tells the history", async () => {
    const [inspected] = JSON.parse(await world.podman("image", "inspect", "one:1"));
    expect(inspected).toMatchObject({
      Id: id,
      RepoTags: ["localhost/one:1"],
      Config: { Env: ["A=b"], Labels: { x: "y" } },
      Comment: "made here",
      Os: "linux",
    });
    expect(await world.podman("image", "inspect", "-f", "{{.Id}} {{.Config.Env}}", "one:1")).toBe(`${id} [A=b]`);
    const missing = await world.run("podman", ["image", "inspect", "nosuch"]);
    expect(missing).toMatchObject({ exitCode: 125, stdout: "[]", stderr: "Error: nosuch: image not known" });
    expect(await world.podman("history", "--format", "{{.ID}} {{.Comment}}", "one:1")).toBe(`${id.slice(0, 12)} made here`);
    expect(await world.podman("image", "tree", "one:1")).toMatch(
      /^Image ID: .*\nTags: {5}\[localhost\/one:1\]\nSize: .*\nImage Layers\n└── ID: /,
    );
    expect((await world.run("podman", ["image", "exists", "nosuch"])).exitCode).toBe(1);
    await world.podman("image", "exists", "one:1");
  });

  it.each(["docker-archive", "oci-archive", "oci-dir", "docker-dir"])("saves as %s and loads it again", async (format) => {
    const output = at(`saved-${format}`);
    await world.podman("save", "-q", "--format", format, "-o", output, "one:1");
    await world.podman("rmi", "one:1");
    const named = format.endsWith("archive");
    expect(await world.podman("load", "-q", "-i", output)).toBe(`Loaded image: ${named ? "localhost/one:1" : `sha256:${id}`}`);
    expect(await world.podman("images", "-q", "--no-trunc")).toBe(`sha256:${id}`);
  });

  it("saves to a pipe and loads from one", async () => {
    const piped = await world.runProgram(
      "sh",
      ["-c", "podman save -q one:1 | gzip > piped.tar.gz && podman rmi one:1 && podman load -q < piped.tar.gz"],
      { cwd: join(world.directory, "tmp") },
    );
    expect(piped.stdout, describeResult(piped)).toContain("Loaded image: localhost/one:1");
  });

  it("pushes, pulls and searches", async () => {
    const name = `${registry.address}/${rootless ? "user" : "root"}/one`;
    await world.podman("push", "-q", "--tls-verify=false", "--digestfile", at("digest"), "one:1", `${name}:1`);
    await world.podman("push", "-q", "--tls-verify=false", "one:1", `docker://${name}:2`);
    expect(readFileSync(at("digest"), "utf8")).toMatch(/^sha256:[0-9a-f]{64}$/);
    await world.podman("rmi", "one:1");
    expect(await world.podman("pull", "-q", "--tls-verify=false", `${name}:1`)).toBe(id);
    expect(await world.podman("pull", "-q", "--tls-verify=false", `${name}@${readFileSync(at("digest"), "utf8")}`)).toBe(id);
    expect((await world.podman("pull", "-q", "-a", "--tls-verify=false", name)).split("\n")).toEqual([id, id]);
    const spoken = await world.run("podman", ["pull", "--tls-verify=false", `${name}:1`]);
    expect(spoken.stderr).toContain(`Trying to pull ${name}:1...`);
    expect(await world.podman("search", "--tls-verify=false", "--format", "{{.Name}}", name)).toBe(name);
    expect((await world.podman("search", "--tls-verify=false", "--list-tags", "--format", "{{.Tag}}", name)).split("\n").sort()).toEqual([
      "1",
      "2",
    ]);
  });

  it("takes names before images, and says what is in the way", async () => {
    await world.podman("tag", "one:1", "two:2");
    expect(await world.podman("rmi", "one:1")).toBe("Untagged: localhost/one:1");
    expect(await world.podman("rmi", "two:2")).toBe(`Untagged: localhost/two:2\nDeleted: ${id}`);
    expect(await world.run("podman", ["rmi", "nosuch"])).toMatchObject({ exitCode: 1, stderr: "Error: nosuch: image not known" });
    expect(await world.run("podman", ["rmi", "-i", "nosuch"])).toMatchObject({ exitCode: 0, stdout: "" });
  });

  it("prunes what nobody names", async () => {
    await world.podman("untag", "one:1");
    expect(await world.podman("image", "prune", "-f")).toBe(id);
    expect(await world.podman("images", "-q")).toBe("");
  });

  it("leaves nothing of files that are no image", async () => {
    writeFileSync(at("garbage"), "this is no archive");
    for (const args of [
      ["load", "-i", at("garbage")],
      ["import", at("garbage")],
      ["load", "-i", "/nosuch"],
      ["import", "/nosuch"],
      ["save", "-o", at("never.tar"), "nosuch"],
    ]) {
      const result = await world.run("podman", args);
      expect(result.exitCode, describeResult(result)).toBe(125);
      expect(result.stderr).toMatch(/^Error: /);
    }
    expect(existsSync(at("never.tar"))).toBe(false);
    expect(await world.podman("images", "-q", "--no-trunc")).toBe(`sha256:${id}`);
  });

  it.skipIf(original === undefined || rootless)("shares its store with the original podman (needs the original podman)", async () => {
    const theirs = async (...args: string[]): Promise<string> => {
      const result = await world.runProgram(original ?? "", [
        "--root",
        world.graphRoot,
        "--runroot",
        join(world.directory, "run"),
        ...args,
      ]);
      expect(result.exitCode, describeResult(result)).toBe(0);
      return result.stdout;
    };
    expect(await theirs("images", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}")).toBe(`sha256:${id} localhost/one:1`);
    await theirs("tag", "one:1", "theirs:1");
    expect(await world.podman("images", "--format", "{{.Repository}}", "--sort", "repository")).toBe("localhost/one\nlocalhost/theirs");
    expect(await theirs("image", "inspect", "one:1")).toBe(await world.podman("image", "inspect", "one:1"));
    await theirs("rmi", "theirs:1", "one:1");
    expect(await world.podman("images", "-q")).toBe("");
  });
});
