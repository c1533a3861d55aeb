/** Docker's API, row by row: method, path, status, and what the answer has to hold. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiRow, expectRows } from "../../harness/api-rows.ts";
import { type ApiService, startApiService } from "../../harness/api-service.ts";
import { baseImage, buildBaseImage } from "../../harness/base-image.ts";
import { createWorld, type World } from "../../harness/world.ts";

const notFound = (cause: string, message: string) => ({ cause, message, response: 404 });
const noContainer = notFound("no such container", 'no container with name or ID "nosuch" found: no such container');
const filters = (value: unknown): string => `filters=${encodeURIComponent(JSON.stringify(value))}`;

describe.each([{ rootless: false }, { rootless: true }])("Docker's API, rootless: $rootless", ({ rootless }) => {
  let world: World;
  let api: ApiService;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
    api = await startApiService(world);
  });
  afterAll(async () => {
    await api?.stop();
    await world?.destroy();
  });

  const rows = (table: readonly ApiRow[]): Promise<void> => expectRows(api, table);

  it("says who it is", async () => {
    const ping = await api.request("GET", "/_ping");
    expect(ping.text).toBe("OK");
    expect(
      Object.fromEntries(
        ["api-version", "libpod-api-version", "ostype", "docker-experimental"].map((name) => [name, ping.headers.get(name)]),
      ),
    ).toEqual({
      "api-version": "1.44",
      "libpod-api-version": "5.8.6",
      ostype: "linux",
      "docker-experimental": "true",
    });
    await rows([
      ["HEAD", "/v1.41/_ping", undefined, 200],
      ["GET", "/version", undefined, 200, { ApiVersion: "1.44", MinAPIVersion: "1.24", Os: "linux" }],
      ["GET", "/v1.41/info", undefined, 200, { OSType: "linux", Swarm: { LocalNodeState: "inactive" }, Rootless: rootless }],
      ["GET", "/nosuch", undefined, 404],
      ["DELETE", "/version", undefined, 405],
      ["GET", "/swarm/x", undefined, 503, { message: "Podman does not support service: /swarm/x", response: 503 }],
      ["GET", "/plugins", undefined, 404, { message: "Path /plugins is not supported", response: 0 }],
      ["POST", "/secrets/x/update", undefined, 501],
      ["HEAD", "/distribution/x/json", undefined, 404],
      ["POST", "/images/create", undefined, 405],
      ["GET", "/volumes?filters=x", undefined, 500, { message: expect.stringMatching(/^failed to parse parameters for/) as unknown }],
      ["GET", "/containers/json?filters=x", undefined, 500, { message: expect.stringMatching(/^failed to decode filter/) as unknown }],
      ["POST", "/volumes/create", { name: "small" }, 201, { Name: "small", Options: null }],
      ["POST", "/volumes/create", { Name: "small" }, 201, { Name: "small", Options: {} }],
      ["DELETE", "/volumes/small", undefined, 204],
    ]);
  });

  it("creates, lists and inspects containers", async () => {
    const name = "/v1.41/containers/create?name=one";
    const body = {
      Image: baseImage,
      Cmd: ["sh", "-c", "echo out; echo err >&2; sleep 100"],
      Env: ["A=b"],
      Labels: { one: "1" },
      StopTimeout: 1,
      HostConfig: { Binds: ["data:/data"], NetworkMode: "none", Tmpfs: { "/t": "" }, CapAdd: ["SYS_TIME"] },
    };
    const ofFile = { Image: baseImage, HostConfig: { Mounts: [{ Type: "bind", Source: "/etc/hostname", Target: "/name" }] } };
    await rows([
      ["POST", "/containers/create?name=binds", ofFile, 201, { Warnings: [] }],
      ["DELETE", "/containers/binds", undefined, 204],
      ["POST", name, body, 201, { Warnings: [] }],
      ["POST", name, body, 500, { cause: "that name is already in use", response: 500 }],
      [
        "POST",
        "/containers/create",
        { Image: "nosuch" },
        404,
        notFound("image not known", "no such image: docker.io/library/nosuch: image not known"),
      ],
      [
        "POST",
        "/containers/create",
        { Image: baseImage, HostConfig: { Links: ["x"] } },
        400,
        { message: "bad parameter: link is not supported" },
      ],
      [
        "POST",
        "/containers/create",
        { image: 3 },
        500,
        { cause: "json: cannot unmarshal number into Go struct field CreateContainerConfig.Image of type string" },
      ],
      [
        "POST",
        "/containers/create",
        { Image: baseImage, StopSignal: "BOGUS" },
        500,
        { message: "fill out specgen: invalid signal: BOGUS" },
      ],
      ["POST", "/containers/create?platform=bogus", { Image: baseImage }, 400, { cause: "invalid argument" }],
      ["GET", "/containers/json?all=1", undefined, 200, [{ Names: ["/one"], State: "created", Status: "Created", Labels: { one: "1" } }]],
      ["GET", `/containers/json?all=1&${filters({ label: ["one=2"] })}`, undefined, 200, []],
      ["GET", `/containers/json?${filters({ foo: ["x"] })}`, undefined, 500, { message: "foo is an invalid filter" }],
      ["GET", "/containers/json?limit=x", undefined, 500, { cause: 'schema: error converting value for "limit"' }],
      ["GET", "/containers/nosuch/json", undefined, 404, noContainer],
    ]);
    const { json } = await api.request("GET", "/containers/one/json");
    expect(json).toMatchObject({
      Name: "/one",
      State: { Status: "created", Running: false },
      Config: { Image: baseImage, StopTimeout: 1, Labels: { one: "1" } },
      HostConfig: { NetworkMode: "none", CapAdd: ["SYS_TIME"], LogConfig: { Type: expect.stringMatching(/json-file|journald/) } },
      Mounts: [{ Type: "volume", Name: "data", Destination: "/data" }],
    });
  });

  it("leads a container through its life", async () => {
    await rows([
      ["POST", "/containers/one/kill", undefined, 409, { cause: "container state improper" }],
      ["POST", "/containers/one/start", undefined, 204],
      ["POST", "/containers/one/start", undefined, 304],
      ["GET", "/containers/json", undefined, 200, [{ Names: ["/one"], State: "running" }]],
      ["GET", "/containers/one/top", undefined, 200, { Titles: ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"] }],
      ["POST", "/containers/one/rename?name=two", undefined, 204],
      ["GET", "/containers/two/archive?path=/nosuch", undefined, 404, { message: "no such file or directory" }],
      ["GET", "/containers/two/archive", undefined, 400, { message: "missing `path` parameter" }],
      ["GET", "/containers/two/logs", undefined, 400],
      ["POST", "/containers/two/attach?stream=0", undefined, 400, { message: "at least one of Logs or Stream must be set" }],
      ["DELETE", "/containers/two", undefined, 500, { cause: "container state improper" }],
      ["DELETE", "/containers/two?link=1", undefined, 400, { message: "link is not supported" }],
      ["POST", "/containers/two/wait?condition=foo", undefined, 400, { cause: "not a valid docker condition" }],
      ["POST", "/containers/two/stop?t=0", undefined, 204],
      ["POST", "/containers/two/stop", undefined, 304],
      ["POST", "/containers/two/wait", undefined, 200, { StatusCode: 137, Error: null }],
      ["POST", "/containers/two/pause", undefined, 500, { cause: "container state improper" }],
      ["POST", "/containers/two/restart?t=0", undefined, 204],
      ["GET", "/containers/json", undefined, 200, [{ Names: ["/two"], State: "running" }]],
      ["DELETE", "/containers/two?force=1&v=1", undefined, 204],
      ["DELETE", "/containers/two", undefined, 404],
      ...["start", "stop", "restart", "kill", "pause", "unpause", "attach", "resize"].map(
        (deed): ApiRow => ["POST", `/containers/nosuch/${deed}`, undefined, 404, noContainer],
      ),
    ]);
  });

  it("frames logs, and copies files as archives", async () => {
    await api.request("POST", "/containers/create?name=logger", {
      Image: baseImage,
      Cmd: ["sh", "-c", "echo out; echo err >&2"],
      HostConfig: { NetworkMode: "none" },
    });
    await api.request("POST", "/containers/logger/start");
    await api.request("POST", "/containers/logger/wait");
    const { text } = await api.request("GET", "/containers/logger/logs?stdout=1&stderr=1");
    expect(text).toContain("\x01\0\0\0\0\0\0\x04out\n");
    expect(text).toContain("\x02\0\0\0\0\0\0\x04err\n");
    // Whoever tidies up after it unmounts it once more.
    const tidied = async (): Promise<unknown> => (await api.request("GET", "/v5.0.0/libpod/containers/logger/json")).json;
    await expect.poll(tidied, { timeout: 60_000 }).toMatchObject({ State: { Status: "exited" } });
    const archive = await api.request("GET", "/containers/logger/archive?path=/etc/passwd");
    const stat: unknown = JSON.parse(Buffer.from(archive.headers.get("x-docker-container-path-stat") ?? "", "base64").toString());
    expect(stat).toMatchObject({ name: "passwd", isDir: false, linkTarget: "/etc/passwd" });
    expect(archive.text).toContain("root:x:0:0");
    await rows([
      ["PUT", "/containers/logger/archive?path=/tmp", Buffer.from(await tarOf("/containers/logger/archive?path=/etc/group")), 200],
      ["GET", "/containers/logger/archive?path=/tmp/group", undefined, 200],
      ["GET", "/containers/logger/changes", undefined, 200],
      ["DELETE", "/containers/logger", undefined, 204],
    ]);
  });

  it("takes archives into directories that it makes, and configurations of commits", async () => {
    // Never started: nothing else mounts and unmounts it.
    await api.request("POST", "/containers/create?name=files", { Image: baseImage, HostConfig: { NetworkMode: "none" } });
    await rows([
      // A directory that is not there is made; names can be changed on the way.
      [
        "PUT",
        `/containers/files/archive?path=/tmp/new/deep&rename=${encodeURIComponent('{"group":"crowd"}')}`,
        Buffer.from(await tarOf("/containers/files/archive?path=/etc/group")),
        200,
      ],
      ["HEAD", "/containers/files/archive?path=/tmp/new/deep/crowd", undefined, 200],
      [
        "PUT",
        "/containers/files/archive?path=/tmp&rename=x",
        undefined,
        400,
        { cause: "invalid character 'x' looking for beginning of value" },
      ],
      ["PUT", "/containers/files/archive?path=/etc/passwd", undefined, 500],
      ["POST", "/commit?container=files&repo=changed", { Env: ["SAID=1"], Cmd: ["said"] }, 201],
      ["GET", "/images/changed/json", undefined, 200, { Config: { Cmd: ["said"], Env: expect.arrayContaining(["SAID=1"]) as unknown } }],
      ["POST", "/commit", undefined, 404, { message: "name or ID cannot be empty" }],
      ["DELETE", "/images/changed", undefined, 200],
      ["GET", "/containers/files/changes?diffType=image", undefined, 500, { cause: "image not known" }],
      ["DELETE", "/containers/files", undefined, 204],
    ]);
  });

  const tarOf = async (path: string): Promise<ArrayBuffer> =>
    (await fetch(`http://d${path}`, { unix: api.socket } as RequestInit)).arrayBuffer();

  it("runs exec sessions, whose exit codes can be asked for", async () => {
    await world.podman("run", "-d", "--name", "x", "--stop-timeout", "0", "--network", "none", baseImage, "sleep", "100");
    const start = async (Cmd: readonly string[], more: object = {}) => {
      const made = await api.request("POST", "/containers/x/exec", { Cmd, AttachStdout: true, AttachStderr: true, ...more });
      const id = (made.json as { Id: string }).Id;
      const started = await api.request("POST", `/exec/${id}/start`, { Detach: false, Tty: false });
      return { id, text: started.text, state: (await api.request("GET", `/exec/${id}/json`)).json };
    };
    expect(await start(["echo", "hi"])).toMatchObject({ text: "\x01\0\0\0\0\0\0\x03hi\n", state: { ExitCode: 0, Running: false } });
    expect((await start(["sh", "-c", "exit 7"])).state).toMatchObject({ ExitCode: 7, CanRemove: true });
    for (let round = 0; round < 5; round++) {
      const made = await api.request("POST", "/containers/x/exec", { Cmd: ["sh", "-c", "exit 7"] });
      const { Id } = made.json as { Id: string };
      await api.request("POST", `/exec/${Id}/start`, { Detach: true });
      const { json } = await api.request("GET", `/exec/${Id}/json`);
      // Either it runs, or its exit code is known.
      expect([
        { Running: true, ExitCode: 0 },
        { Running: false, ExitCode: 7 },
      ]).toContainEqual({ Running: (json as { Running: boolean }).Running, ExitCode: (json as { ExitCode: number }).ExitCode });
    }
    const missing = await start(["no-such-command"]);
    expect(missing.text).toContain("no-such-command");
    expect(missing.state).toMatchObject({ ExitCode: 127 });
    await rows([
      ["POST", "/containers/x/exec", { Cmd: ["true"], Env: ["x"] }, 400],
      ["POST", "/containers/x/exec", { Cmd: [] }, 500, { cause: "invalid argument" }],
      [
        "GET",
        "/exec/nosuch/json",
        undefined,
        404,
        notFound("no such exec session", "no exec session with ID nosuch found: no such exec session"),
      ],
      ["POST", "/exec/nosuch/start", {}, 404],
      // An ordinary user's containers can be paused only where they have a cgroup of their own.
      ...(rootless
        ? []
        : ([
            ["POST", "/containers/x/pause", undefined, 204],
            ["POST", "/containers/x/exec", { Cmd: ["true"] }, 409],
            ["POST", "/containers/x/unpause", undefined, 204],
          ] as const)),
      ["DELETE", "/containers/x?force=1", undefined, 204],
    ]);
  });

  it("keeps networks, volumes and secrets", async () => {
    await rows([
      [
        "POST",
        "/networks/create",
        { Name: "net", Labels: { a: "b" }, IPAM: { Config: [{ Subnet: "10.123.77.0/24" }] } },
        201,
        { Warning: "" },
      ],
      ["POST", "/networks/create", { Name: "net" }, 409, { cause: "network already exists" }],
      [
        "GET",
        "/networks/net",
        undefined,
        200,
        { Name: "net", Driver: "bridge", Labels: { a: "b" }, IPAM: { Config: [{ Subnet: "10.123.77.0/24" }] } },
      ],
      ["GET", "/networks/nosuch", undefined, 404, { cause: "network not found" }],
      ["GET", `/networks?${filters({ name: ["^net$"] })}`, undefined, 200, [{ Name: "net" }]],
      ["GET", `/networks?${filters({ foo: ["x"] })}`, undefined, 500, { message: 'invalid filter "foo"' }],
      ["POST", "/networks/net/connect", { Container: "nosuch" }, 404, noContainer],
      ["DELETE", "/networks/net", undefined, 204],
      ["DELETE", "/networks/net", undefined, 404],
      ["POST", "/networks/prune", undefined, 200, { NetworksDeleted: [] }],
      ["POST", "/volumes/create", { Name: "vol", Labels: { a: "b" } }, 201, { Name: "vol", Driver: "local", Scope: "local" }],
      ["POST", "/volumes/create", { Name: "vol" }, 201, { Labels: { a: "b" } }],
      ["GET", "/volumes/vol", undefined, 200, { Name: "vol" }],
      ["GET", "/volumes/nosuch", undefined, 404, notFound("no such volume", "no such volume")],
      ["GET", `/volumes?${filters({ name: ["vol"] })}`, undefined, 200, { Volumes: [{ Name: "vol" }], Warnings: [] }],
      ["DELETE", "/volumes/nosuch?force=1", undefined, 204],
      ["DELETE", "/volumes/vol", undefined, 204],
      ["POST", "/secrets/create", { Name: "sec", Data: "c2VjcmV0" }, 200],
      ["POST", "/secrets/create", { Name: "sec", Data: "c2VjcmV0" }, 409, { cause: "secret name in use" }],
      ["GET", "/secrets/sec", undefined, 200, { Spec: { Name: "sec" }, Version: { Index: 1 } }],
      ["GET", "/secrets", undefined, 200, [{ Spec: { Name: "sec" } }]],
      ["DELETE", "/secrets/sec", undefined, 204],
      ["GET", "/secrets/sec", undefined, 404, { cause: "no such secret" }],
    ]);
  });

  it("keeps images, and builds them", async () => {
    await rows([
      ["GET", "/v1.44/images/json", undefined, 200, [{ RepoTags: [baseImage] }]],
      ["GET", `/images/${baseImage}/json`, undefined, 200, { RepoTags: [baseImage], Os: "linux" }],
      ["GET", "/images/nosuch/json", undefined, 404, { message: "failed to find image nosuch: docker.io/library/nosuch: No such image" }],
      ["GET", `/images/${baseImage}/history`, undefined, 200],
      ["POST", `/images/${baseImage}/tag`, undefined, 400, { message: "repo parameter is required to tag an image" }],
      ["POST", `/images/${baseImage}/tag?repo=foo&tag=v1`, undefined, 201],
      ["DELETE", "/images/foo:v1", undefined, 200, [{ Untagged: "docker.io/library/foo:v1" }]],
      ["DELETE", "/images/foo:v1", undefined, 404, { cause: "image not known" }],
      ["POST", "/images/create", undefined, 405],
      ["POST", "/images/create?fromImage=127.0.0.1:1/x", undefined, 500],
      ["GET", "/images/get", undefined, 400, { message: "no images to download" }],
      ["GET", "/distribution/x/json", undefined, 404, { message: "Path /distribution/x/json is not supported" }],
      ["GET", "/system/df", undefined, 200, { BuildCache: [] }],
    ]);
    const context = await world.runProgram("sh", [
      "-c",
      `mkdir -p tmp/c && printf 'FROM ${baseImage}\\nLABEL x=y\\n' > tmp/c/Dockerfile && tar -C tmp/c -cf tmp/c.tar .`,
    ]);
    expect(context.exitCode).toBe(0);
    const archive = await Bun.file(`${world.directory}/tmp/c.tar`).bytes();
    const built = await api.request("POST", "/build?t=built:1", archive);
    const messages = built.text
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { stream?: string; aux?: { ID: string } });
    expect(messages.at(-1)).toEqual({ stream: "Successfully tagged built:1\n" });
    expect(messages.filter(({ stream }) => /^--> [0-9a-f]{12}\n$/.test(stream ?? ""))).toHaveLength(1);
    expect(messages.find(({ aux }) => aux !== undefined)?.aux?.ID).toMatch(/^sha256:[0-9a-f]{64}$/);
    const refused = await api.request("POST", "/build?dockerfile=../../../../etc/passwd", archive);
    expect(refused.json).toMatchObject({ errorDetail: { message: expect.stringMatching(/no such file or directory/) } });
    const saved = await (await fetch("http://d/images/built:1/get", { unix: api.socket } as RequestInit)).bytes();
    await rows([
      ["DELETE", "/images/built:1", undefined, 200],
      ["POST", "/images/load", saved, 200, { stream: "Loaded image: docker.io/library/built:1" }],
      ["DELETE", "/images/built:1", undefined, 200],
    ]);
  });
});
