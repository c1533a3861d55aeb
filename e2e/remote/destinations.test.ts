/** Which service is talked to: connections, environment, flags; and what a client refuses. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createWorld, type World } from "../harness/world.ts";
import { type RunningService, startService } from "./service.ts";

describe("destinations", () => {
  let world: World;
  let service: RunningService;
  let elsewhere: string;

  beforeAll(async () => {
    world = await createWorld({
      containersConf: '[engine.service_destinations.configured]\nuri = "unix:///configured.sock"\nidentity = "/key"\n',
    });
    service = await startService(world);
    elsewhere = `unix://${world.directory}/nobody.sock`;
  });
  afterEach(() => world.podman("system", "connection", "rm", "--all"));
  afterAll(async () => {
    await service?.stop();
    await world?.destroy();
  });

  const version = ["version", "--format", "{{.Server.Os}}"];
  const add = (name: string, uri: string, ...flags: string[]) => world.run("podman", ["system", "connection", "add", ...flags, name, uri]);

  it("are kept in the original's file", async () => {
    await add("mine", service.uri);
    await add("far", "ssh://user@host.example:2222/run/podman/podman.sock", "--identity", "/id", "--default");
    const file = join(world.directory, "home", ".config", "containers", "podman-connections.json");
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({
      Connection: {
        Default: "far",
        Connections: {
          far: { URI: "ssh://user@host.example:2222/run/podman/podman.sock", Identity: "/id" },
          mine: { URI: service.uri },
        },
      },
      Farm: {},
    });
    const listed = await world.podman("system", "connection", "ls", "--format", "{{.Name}} {{.Default}} {{.ReadWrite}}");
    expect(listed).toBe("configured false false\nfar true true\nmine false true");
    await world.podman("system", "connection", "rename", "mine", "own");
    await world.podman("system", "connection", "default", "own");
    await world.podman("system", "connection", "rm", "far");
    expect(await world.podman("system", "connection", "ls", "-q")).toBe("configured\nown");
    expect((await world.run("podman", ["system", "connection", "default", "nosuch"])).stderr).toContain(
      '"nosuch" destination is not defined',
    );
  });

  it("are chosen by flag, environment and default, in this order", async () => {
    await add("mine", service.uri);
    await add("other", elsewhere);
    const chosen = (args: readonly string[], env: Record<string, string> = {}) => world.run("podman", [...args, ...version], { env });
    for (const args of [["--url", service.uri], ["--connection", "mine"], ["-c", "mine"], ["--remote"], ["-r"]])
      expect(await chosen(args)).toMatchObject({ exitCode: 0, stdout: "linux" });
    expect((await chosen([], { CONTAINER_HOST: service.uri })).stdout).toBe("linux");
    expect((await chosen([], { CONTAINER_CONNECTION: "mine" })).stdout).toBe("linux");
    expect((await chosen(["--connection", "mine"], { CONTAINER_HOST: elsewhere })).exitCode).toBe(0);
    expect((await chosen(["--url", elsewhere], { CONTAINER_CONNECTION: "mine" })).exitCode).toBe(125);
    expect((await chosen(["--connection", "nosuch"])).stderr).toContain('connection "nosuch" not found');
    expect((await world.run("podman", ["--remote=false", "ps"], { env: { CONTAINER_HOST: elsewhere } })).exitCode).toBe(0);
  });

  it("that do not answer are told with what to do", async () => {
    const result = await world.run("podman", ["--url", elsewhere, "ps"]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toMatch(/^Cannot connect to Podman\. .*\nError: unable to connect to Podman socket: /);
  });

  it.each([
    [["mount"], 'cannot use command "podman mount" with the remote podman client'],
    [["unshare", "true"], 'cannot use command "podman unshare" with the remote podman client'],
    [["volume", "mount", "x"], 'cannot use command "podman volume mount" with the remote podman client'],
    [["--root", "/x", "ps"], "unknown flag: --root"],
    [["stop", "--latest"], "unknown flag: --latest"],
  ])("leave out what works on this machine alone: %j", async (args, message) => {
    const result = await world.run("podman", ["--url", service.uri, ...args]);
    expect(result.exitCode).toBe(125);
    expect(result.stderr).toContain(`Error: ${message}`);
  });

  it("are joined to standard input and output by dial-stdio", async () => {
    const request = "GET /libpod/_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n";
    const result = await world.run("podman", ["--url", service.uri, "system", "dial-stdio"], { input: request });
    expect(result.stdout).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(result.stdout).toMatch(/OK$/);
  });
});
