/** A service of this machine by ssh, with a server and keys of the test's own. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { binDirectory, systemProgram } from "../harness/binaries.ts";
import { spawnCommand } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";
import { type RunningService, startService } from "./service.ts";

const sshd = systemProgram("sshd");
const keygen = systemProgram("ssh-keygen");
const able = sshd !== undefined && keygen !== undefined && systemProgram("ssh") !== undefined;

describe.skipIf(!able)("ssh to this machine (needs sshd)", () => {
  let world: World;
  let service: RunningService;
  let server: ReturnType<typeof spawnCommand>;
  let uri: string;
  let key: string;
  let wrapper: string;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
    service = await startService(world);
    const directory = join(world.directory, "home", ".ssh");
    mkdirSync(directory, { mode: 0o700 });
    for (const name of ["host", "user"])
      await world.runProgram(keygen ?? "", ["-q", "-t", "ed25519", "-N", "", "-f", join(directory, name)]);
    key = join(directory, "user");
    writeFileSync(join(directory, "authorized"), readFileSync(`${key}.pub`));
    const port = await freePort();
    mkdirSync("/run/sshd", { recursive: true });
    writeFileSync(
      join(directory, "config"),
      `SetEnv ${Object.entries({ ...world.env, PATH: `${binDirectory}:${world.env.PATH}` })
        .map(([name, value]) => `${name}="${value}"`)
        .join(
          " ",
        )}\nPort ${port}\nListenAddress 127.0.0.1\nHostKey ${directory}/host\nAuthorizedKeysFile ${directory}/authorized\nPidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n`,
    );
    server = spawnCommand(sshd ?? "", ["-D", "-e", "-f", join(directory, "config")], { env: world.env, timeout: 300_000 });
    // ssh reads the user's files in the home directory of the password file: the host's key is given by a program of its name.
    const bin = join(world.directory, "tmp", "bin");
    mkdirSync(bin);
    wrapper = bin;
    writeFileSync(
      join(bin, "ssh"),
      `#!/bin/sh\nexec ${systemProgram("ssh")} -F none -o UserKnownHostsFile=${directory}/known -o StrictHostKeyChecking=accept-new "$@"\n`,
    );
    chmodSync(join(bin, "ssh"), 0o755);
    for (let tries = 0; !(await answers(port)) && tries < 1000; tries++) await delay(50);
    uri = `ssh://root@127.0.0.1:${port}${service.socket}`;
  });
  afterAll(async () => {
    server?.kill("SIGTERM");
    await server;
    await service?.stop();
    await world?.destroy();
    if (existsSync("/run/sshd")) rmSync("/run/sshd", { recursive: true, force: true });
  });

  const run = (...args: string[]) => world.run("podman", args, { env: { PATH: `${wrapper}:${world.env.PATH}` } });

  it("lists and runs through a connection with an identity", async () => {
    expect(await run("system", "connection", "add", "--identity", key, "near", uri)).toMatchObject({ exitCode: 0 });
    expect(await run("--connection", "near", "version", "--format", "{{.Server.Os}}")).toMatchObject({ exitCode: 0, stdout: "linux" });
    const ran = await run("-c", "near", "run", "--rm", "--network", "none", baseImage, "sh", "-c", "echo by ssh; exit 6");
    expect(ran).toMatchObject({ exitCode: 6, stdout: "by ssh" });
  });

  it("takes URL and key from flags and the environment", async () => {
    expect((await run("--url", uri, "--identity", key, "ps", "-q")).exitCode).toBe(0);
    const env = { PATH: `${wrapper}:${world.env.PATH}`, CONTAINER_HOST: uri, CONTAINER_SSHKEY: key };
    expect((await world.run("podman", ["ps", "-q"], { env })).exitCode).toBe(0);
  });

  it("copies images both ways", async () => {
    const elsewhere = ["--root", join(world.directory, "graph", "elsewhere"), "--runroot", join(world.directory, "run", "elsewhere")];
    expect(await run("system", "connection", "add", "--identity", key, "box", uri)).toMatchObject({ exitCode: 0 });
    const there = `box::${baseImage}`;
    expect(await run(...elsewhere, "image", "scp", "-q", there)).toMatchObject({ exitCode: 0, stdout: `Loaded image: ${baseImage}` });
    const back = await run(...elsewhere, "image", "scp", "-q", baseImage, "box::localhost/back:2");
    expect(back).toMatchObject({ exitCode: 0, stdout: `Loaded image: ${baseImage}` });
    const id = await world.podman("image", "inspect", "--format", "{{.Id}}", "localhost/back:2");
    expect(await world.podman(...elsewhere, "image", "inspect", "--format", "{{.Id}}", baseImage)).toBe(id);
    // What names a file there is no command there.
    const trick = await run("image", "scp", "-q", `box::x;touch ${world.directory}/tmp/tricked`);
    expect(trick.exitCode).toBe(125);
    expect(existsSync(join(world.directory, "tmp", "tricked"))).toBe(false);
  });

  it("says why a login failed", async () => {
    const result = await run("--url", uri, "--identity", "/nosuch", "ps");
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain("ssh to 127.0.0.1");
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data: () => undefined } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}
