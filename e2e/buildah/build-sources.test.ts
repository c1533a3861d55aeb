/** Where builds come from and go to besides a directory and the store: repositories, URLs, archives, several platforms. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../harness/world.ts";

const asRoot = process.getuid?.() === 0;
/** Repositories may belong to another user than the one of the test. */
const gitEnvironment = {
  ...process.env,
  HOME: "/",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "safe.directory",
  GIT_CONFIG_VALUE_0: "*",
};
const hasGit = existsSync("/usr/bin/git");

describe.skipIf(!asRoot).each([{ rootless: false }, { rootless: true }])(
  "sources and outputs of builds, rootless: $rootless (needs root)",
  ({ rootless }) => {
    let world: World;
    let web: Server;
    let git: TcpServer;
    const files = new Map<string, Buffer>();

    beforeAll(async () => {
      world = await createWorld({ rootless });
      web = createServer((request, response) => {
        const body = files.get(request.url ?? "");
        response.writeHead(body === undefined ? 404 : 200, { "last-modified": "Sun, 09 Sep 2001 01:46:40 GMT" }).end(body);
      });
      await new Promise<void>((done) => web.listen(0, "127.0.0.1", done));
      // Each connection is served by a program of its own, as inetd does it: no port has to be guessed.
      git = createTcpServer((socket) => {
        const base = `--base-path=${join(world.directory, "tmp")}`;
        const daemon = spawn("git", ["daemon", "--inetd", "--export-all", base, join(world.directory, "tmp")], {
          env: gitEnvironment,
          stdio: ["pipe", "pipe", "ignore"],
        });
        socket.pipe(daemon.stdin);
        daemon.stdout.pipe(socket);
        socket.on("error", () => daemon.kill());
        daemon.stdin.on("error", () => socket.destroy());
      });
      await new Promise<void>((done) => git.listen(0, "127.0.0.1", done));
    });
    afterAll(async () => {
      web?.close();
      git?.close();
      await world?.destroy();
    });

    const url = (path: string): string => `http://127.0.0.1:${(web.address() as AddressInfo).port}${path}`;
    const context = (name: string, contents: Readonly<Record<string, string>>): string => {
      const directory = join(world.directory, "tmp", name);
      for (const [path, text] of Object.entries(contents)) {
        mkdirSync(join(directory, path, ".."), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
      return directory;
    };
    const output = (name: string): string => join(world.directory, "tmp", name);

    it("writes the files of the image to a directory, a tar and standard output", async () => {
      const directory = context("out", { Containerfile: "FROM scratch\nCOPY a /d/a\n", a: "text" });
      await world.buildah("bud", "-q", "-o", output("files"), "-o", `type=tar,dest=${output("files.tar")}`, directory);
      expect(readFileSync(join(output("files"), "d/a"), "utf8")).toBe("text");
      const listed = await world.runProgram("tar", ["tf", output("files.tar")]);
      expect(listed.stdout.trim().split("\n")).toEqual(["d/", "d/a"]);
      const refused = await world.run("buildah", ["bud", "-o", "type=odd,dest=x", directory]);
      expect(refused.stderr).toContain('invalid type "odd" selected for build output options');
    });

    it("builds for several platforms into a manifest list", async () => {
      const directory = context("platforms", { Containerfile: "FROM scratch\nARG TARGETARCH\nCOPY Containerfile /$TARGETARCH\n" });
      const printed = await world.podman(
        "build",
        "--jobs",
        "2",
        "--platform",
        "linux/arm64,linux/amd64",
        "--manifest",
        "localhost/both",
        directory,
      );
      expect(printed).toContain("[linux/arm64] STEP 1/3: FROM scratch");
      const list: unknown = JSON.parse(await world.buildah("manifest", "inspect", "localhost/both"));
      expect(list).toMatchObject({ manifests: [{ platform: { architecture: "arm64" } }, { platform: { architecture: "amd64" } }] });
    });

    it.skipIf(!hasGit)("builds out of a repository: a ref, and a directory in it (needs git)", async () => {
      const directory = context("repo", {
        Containerfile: "FROM scratch\nCOPY f /\n",
        f: "first",
        "sub/Containerfile": "FROM scratch\nCOPY g /\n",
        "sub/g": "below",
      });
      for (const args of [
        ["init", "-q"],
        ["add", "-A"],
        ["commit", "-q", "-m", "one"],
        ["tag", "v1"],
      ]) {
        const identity = ["-c", "user.name=n", "-c", "user.email=n@localhost"];
        expect(spawnSync("git", ["-C", directory, ...identity, ...args], { env: gitEnvironment }).status).toBe(0);
      }
      const repository = `git://127.0.0.1:${(git.address() as AddressInfo).port}/repo/.git`;
      await world.buildah("bud", "-q", "-o", output("tagged"), `${repository}#v1`);
      expect(readdirSync(output("tagged"))).toEqual(["f"]);
      await world.buildah("bud", "-q", "-o", output("below"), `${repository}#:sub`);
      expect(readdirSync(output("below"))).toEqual(["g"]);
      const missing = await world.run("buildah", ["bud", `${repository}#nope`]);
      expect(missing.exitCode).toBe(125);
      expect(missing.stderr).toContain("failed while performing `git fetch`");
    });

    it("fetches contexts and files, and checks what they must be", async () => {
      files.set("/file", Buffer.from("hi\n"));
      const archived = context("archived", { Containerfile: "FROM scratch\nCOPY f /\n", f: "packed" });
      expect((await world.runProgram("tar", ["-C", archived, "-czf", output("context.tgz"), "."])).exitCode).toBe(0);
      files.set("/context.tgz", readFileSync(output("context.tgz")));
      await world.buildah("bud", "-q", "-o", output("fetched"), url("/context.tgz"));
      expect(readFileSync(join(output("fetched"), "f"), "utf8")).toBe("packed");
      const sum = "sha256:98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4";
      const directory = context("added", {
        Containerfile: `FROM scratch\nADD --checksum=${sum} ${url("/file")} /f\nCOPY --from=other f /g\n`,
        Wrong: `FROM scratch\nADD --checksum=${sum.replace("98", "00")} ${url("/file")} /f\n`,
      });
      await world.buildah("bud", "-q", "--build-context", `other=${url("/context.tgz")}`, "-o", output("added-files"), directory);
      expect(readdirSync(output("added-files")).sort()).toEqual(["f", "g"]);
      const wrong = await world.run("buildah", ["bud", "-f", join(directory, "Wrong"), directory]);
      expect(wrong.stderr).toContain(`unexpected response digest for "${url("/file")}": ${sum}`);
      expect((await world.run("buildah", ["bud", url("/nothing")])).stderr).toContain("invalid response status 404");
    });

    it("commits to another place without leaving an image behind, and says when one is for another machine", async () => {
      const container = await world.buildah("from", "scratch");
      await world.buildah("config", "--arch", "s390x", container);
      const place = output("committed-elsewhere");
      const before = await world.buildah("images", "--all", "--quiet", "--no-trunc");
      await world.buildah("commit", "--rm", container, `dir:${place}`);
      expect(readdirSync(place)).toContain("manifest.json");
      expect(await world.buildah("images", "--all", "--quiet", "--no-trunc")).toBe(before);
      const pulled = await world.run("buildah", ["pull", `dir:${place}`]);
      expect(pulled.stderr).toMatch(/^WARNING: image platform \(linux\/s390x\) does not match the expected platform \(linux\/\w+\)$/m);
      await world.buildah("rmi", pulled.stdout.trim());
    });

    it("commits changes, a configuration and further files", async () => {
      const container = await world.buildah("from", "scratch");
      const directory = context("committed", { "config.json": '{"Env":["Q=1"],"Cmd":["zz"]}', extra: "extra" });
      await world.buildah("add", container, url("/file"), "/fetched");
      await world.buildah(
        ...["commit", "-q", "--rm", "--config", join(directory, "config.json"), "--change", "LABEL a=b"],
        ...["--add-file", `${join(directory, "extra")}:/x/extra`, "--manifest", "localhost/commits", container, "localhost/committed"],
      );
      const config = await world.buildah(
        "inspect",
        "--type",
        "image",
        "--format",
        "{{.OCIv1.Config.Cmd}} {{.OCIv1.Config.Labels.a}}",
        "localhost/committed",
      );
      expect(config).toBe("[zz] b");
      expect(await world.buildah("manifest", "inspect", "localhost/commits")).toContain('"digest"');
      const from = context("exported", { Containerfile: "FROM scratch\nCOPY --from=localhost/committed / /\n" });
      await world.buildah("bud", "-q", "-o", output("committed-files"), from);
      expect(readdirSync(output("committed-files")).sort()).toEqual(["fetched", "x"]);
    });
  },
);
