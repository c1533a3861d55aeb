/** podman system service itself: sockets, time-outs, connections that are given away, and clients that leave. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiService, startApiService } from "../../harness/api-service.ts";
import { baseImage, buildBaseImage } from "../../harness/base-image.ts";
import { systemProgram, toolPath } from "../../harness/binaries.ts";
import { patience } from "../../harness/eventually.ts";
import { freePort } from "../../harness/registry.ts";
import { createWorld, type World } from "../../harness/world.ts";

describe.each([{ rootless: false }, { rootless: true }])("the service, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let api: ApiService;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
    api = await startApiService(world, ["--time=0", "--cors=*"]);
  });
  afterAll(async () => {
    await api?.stop();
    await world?.destroy();
  });

  const post = (path: string, body: string, upgrade = true): string =>
    `POST ${path} HTTP/1.1\r\nHost: d\r\n${upgrade ? "Connection: Upgrade\r\nUpgrade: tcp\r\n" : ""}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

  it("listens for its owner alone", async () => {
    expect(statSync(api.socket).mode & 0o777).toBe(0o600);
    expect((await api.request("GET", "/_ping")).headers.get("access-control-allow-origin")).toBe("*");
  });

  it("passes input and framed output of exec, with and without an upgrade", async () => {
    await world.podman("run", "-d", "--name", "cat", "--stop-timeout", "0", "--network", "none", baseImage, "sleep", "100");
    for (const upgrade of [true, false]) {
      const { json } = await api.request("POST", "/containers/cat/exec", { Cmd: ["cat"], AttachStdin: true, AttachStdout: true });
      const { Id } = json as { Id: string };
      const text = await api.raw(`${post(`/v1.44/exec/${Id}/start`, "{}", upgrade)}typed`, { endInput: true });
      expect(text).toMatch(upgrade ? /^HTTP\/1.1 101 UPGRADED\r\n/ : /^HTTP\/1.1 200 OK\r\n/);
      expect(text).toContain("Content-Type: application/vnd.docker.multiplexed-stream\r\n");
      expect(text).toMatch(/\r\n\r\n\x01\0\0\0\0\0\0\x05typed$/);
      expect((await api.request("GET", `/exec/${Id}/json`)).json).toMatchObject({ ExitCode: 0, Running: false });
    }
    await api.request("DELETE", "/containers/cat?force=1");
  });

  it("loses no output of a container that is attached to before it starts", async () => {
    await api.request("POST", "/containers/create?name=early", {
      Image: baseImage,
      Cmd: ["seq", "3"],
      HostConfig: { NetworkMode: "none" },
    });
    const { promise: attached, resolve: onHead } = Promise.withResolvers<void>();
    const output = api.raw(post("/containers/early/attach?stream=1&stdout=1", ""), { onHead });
    await attached;
    expect((await api.request("POST", "/containers/early/start")).status).toBe(204);
    expect((await output).replace(/^[^]*?\r\n\r\n/, "").replaceAll(/[\x01]\0{6}[^]/g, "")).toBe("1\n2\n3\n");
    await api.request("DELETE", "/containers/early");
  });

  it("starts what cannot be started with the words that clients read 127 out of", async () => {
    await api.request("POST", "/containers/create?name=missing", {
      Image: baseImage,
      Cmd: ["no-such"],
      HostConfig: { NetworkMode: "none" },
    });
    const { status, json } = await api.request("POST", "/containers/missing/start");
    expect({ status, json }).toMatchObject({
      status: 500,
      json: { message: expect.stringMatching(/no such file or directory|executable file not found/) },
    });
    await api.request("DELETE", "/containers/missing");
  });

  it("answers many at once while some wait, and outlives clients that leave", async () => {
    await world.podman("run", "-d", "--name", "long", "--stop-timeout", "0", "--network", "none", baseImage, "sleep", "100");
    const gone = api.raw("POST /containers/long/wait HTTP/1.1\r\nHost: d\r\n\r\n", { until: /chunked/ });
    const events = api.raw("GET /events HTTP/1.1\r\nHost: d\r\n\r\n", { until: /"Action":"kill"/ });
    const pings = await Promise.all(Array.from({ length: 50 }, () => api.request("GET", "/containers/json")));
    expect(pings.every(({ status }) => status === 200)).toBe(true);
    expect(await gone).toContain("HTTP/1.1 200 OK");
    await api.request("POST", "/containers/long/kill");
    expect(await events).toContain('"Type":"container","Action":"kill"');
    expect((await api.request("DELETE", "/containers/long?force=1")).status).toBe(204);
  });

  it("leaves no zombies", async () => {
    const states = () =>
      readdirSync("/proc").flatMap((pid) => {
        const stat = /^\d+$/.test(pid) ? readQuietly(`/proc/${pid}/stat`) : "";
        const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(parent) === api.pid ? [state] : [];
      });
    await expect.poll(states, patience).not.toContain("Z");
  });

  it("ends when nobody has asked for anything for a while", async () => {
    const socket = join(world.directory, "run", "short.sock");
    const began = Date.now();
    const result = await world.run("podman", ["system", "service", "--time=1", `unix://${socket}`]);
    expect(result.exitCode).toBe(0);
    expect(Date.now() - began).toBeGreaterThan(900);
  });

  it("listens on tcp, with a warning", async () => {
    const port = await freePort();
    const child = world.spawn("podman", ["system", "service", "--time=2", `tcp://127.0.0.1:${port}`]);
    let text = "";
    for (let attempt = 0; attempt < 1000 && text === ""; attempt++) {
      await Bun.sleep(25);
      text = await fetch(`http://127.0.0.1:${port}/_ping`)
        .then((response) => response.text())
        .catch(() => "");
    }
    expect(text).toBe("OK");
    expect(String((await child).stderr)).toContain("Using the Podman API service with TCP sockets without TLS is not recommended");
  });

  it.skipIf(systemProgram("openssl") === undefined)("speaks TLS, and asks clients for certificates (skipped without openssl)", async () => {
    const file = (name: string): string => join(world.directory, "tmp", name);
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = await world.runProgram("openssl", [
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      file("key.pem"),
      "-out",
      file("cert.pem"),
      ...subject,
    ]);
    expect(made.exitCode).toBe(0);
    const port = await freePort();
    const tlsFlags = [`--tls-cert=${file("cert.pem")}`, `--tls-key=${file("key.pem")}`, `--tls-client-ca=${file("cert.pem")}`];
    const child = world.spawn("podman", ["system", "service", "--time=2", ...tlsFlags, `tcp://127.0.0.1:${port}`]);
    const [cert, key] = [readFileSync(file("cert.pem"), "utf8"), readFileSync(file("key.pem"), "utf8")];
    const ping = (tls: object): Promise<string> =>
      fetch(`https://127.0.0.1:${port}/_ping`, { tls: { ca: cert, ...tls } } as RequestInit)
        .then((response) => response.text())
        .catch(() => "");
    let text = "";
    for (let attempt = 0; attempt < 1000 && text === ""; attempt++) {
      await Bun.sleep(25);
      text = await ping({ cert, key });
    }
    expect(text).toBe("OK");
    expect(await ping({})).toBe("");
    expect((await child).exitCode).toBe(0);
  });

  it("takes the socket that systemd made", async () => {
    const socket = join(world.directory, "run", "passed.sock");
    const script = `import os,socket,sys
s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]+".new"); s.listen(8); os.rename(sys.argv[1]+".new",sys.argv[1]); os.dup2(s.fileno(),3); os.set_inheritable(3,True)
os.environ["LISTEN_FDS"]="1"; os.environ["LISTEN_PID"]=str(os.getpid())
os.execv(sys.argv[2],[sys.argv[2],"system","service","--time=2"])`;
    const ended = world.runProgram("python3", ["-c", script, socket, toolPath("podman")]);
    for (let attempt = 0; attempt < 1000 && !existsSync(socket); attempt++) await Bun.sleep(25);
    const response = await fetch("http://d/_ping", { unix: socket } as RequestInit);
    expect(await response.text()).toBe("OK");
    expect((await ended).exitCode).toBe(0);
  });

  it("refuses what it cannot listen on", async () => {
    const run = (...args: string[]) => world.run("podman", ["system", "service", ...args]);
    expect((await run("http://x")).stderr).toContain('API Service endpoint scheme "http" is not supported');
    expect((await run("--tls-cert=x", "tcp://127.0.0.1:1")).stderr).toContain("--tls-cert provided without --tls-key");
    expect((await run("a", "b")).exitCode).toBe(125);
  });
});

/** Empty for a process that has gone. */
function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
