/** Libpod's API, row by row: method, path, body, status, and what the answer has to hold. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiRow, expectRows } from "../../harness/api-rows.ts";
import { type ApiService, startApiService } from "../../harness/api-service.ts";
import { baseImage, buildBaseImage } from "../../harness/base-image.ts";
import { createWorld, type World } from "../../harness/world.ts";

const refusal = (status: number, cause: string, message = cause) => ({ cause, message, response: status });
const noContainer = refusal(404, "no such container", 'no container with name or ID "nosuch" found: no such container');
const filters = (value: unknown): string => `filters=${encodeURIComponent(JSON.stringify(value))}`;
const notCreated = (cause: string, message: string) => refusal(500, cause, message);

describe.each([{ rootless: false }, { rootless: true }])("libpod's API, rootless: $rootless", ({ rootless }) => {
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

  const rows = (table: readonly ApiRow[]): Promise<void> => expectRows(api, table, "/v5.0.0/libpod");

  it("tells where it listens", async () => {
    const { json } = await api.request("GET", "/v5.0.0/libpod/info");
    expect(json).toMatchObject({ host: { remoteSocket: { path: `unix://${api.socket}`, exists: true } } });
  });

  it("is reached with a version before its path", async () => {
    expect((await api.request("GET", "/libpod/info")).status).toBe(404);
    expect((await api.request("DELETE", "/v5.0.0/libpod/info")).status).toBe(405);
    await rows([
      ["GET", "/_ping", undefined, 200, "OK"],
      ["GET", "/info", undefined, 200, { host: { os: "linux", security: { rootless } }, version: { APIVersion: "5.8.6" } }],
      ["GET", "/version", undefined, 200, { Components: [{ Name: "Podman Engine" }, { Name: "Conmon" }, {}] }],
    ]);
  });

  it("makes containers out of specifications, and says what is wrong with others", async () => {
    const create = (body: unknown, status: number, answer?: unknown): ApiRow => ["POST", "/containers/create", body, status, answer];
    const body = { Image: baseImage, name: "one", command: ["sh", "-c", "echo out; echo err >&2; sleep 100"], netns: { nsmode: "none" } };
    await rows([
      create({ ...body, labels: { one: "1" }, stop_timeout: 0, volumes: [{ Name: "data", Dest: "/data" }] }, 201, { Warnings: [] }),
      create({ ...body, netns: { nsmode: "host" }, name: "two", portmappings: [{ container_port: 80, host_port: 81 }] }, 201, {
        Warnings: ['Port mappings have been discarded because "host" network namespace mode does not support them'],
      }),
      create(body, 500, { cause: "that name is already in use" }),
      create({ image: "nosuch" }, 404, refusal(404, "image not known", "no such image: nosuch: image not known")),
      create(undefined, 500, notCreated("EOF", "decode(): EOF")),
      create({}, 500, notCreated("invalid argument", "must set root filesystem source to either image or rootfs: invalid argument")),
      create({ image: 1 }, 500, {
        message: "decode(): json: cannot unmarshal number into Go struct field specGeneratorWire.image of type string",
      }),
      create({ image: baseImage, netns: { nsmode: "foo" } }, 500, { message: 'invalid config provided: invalid network "foo"' }),
      create({ image: baseImage, pod: "nosuch" }, 500, { cause: "no such pod" }),
      create({ image: baseImage, Networks: { nosuch: {} } }, 500, { cause: "network not found" }),
      create({ image: baseImage, secrets: [{ Source: "nosuch" }] }, 500, { cause: "no such secret" }),
      ["GET", "/containers/json", undefined, 200, []],
      ["GET", `/containers/json?all=true&${filters({ name: ["one"] })}`, undefined, 200, [{ Names: ["one"], State: "created" }]],
      ["GET", "/containers/json?all=foo", undefined, 500, { cause: 'schema: error converting value for "all"' }],
      ["GET", `/containers/json?${filters({ foo: ["x"] })}`, undefined, 500, refusal(500, "foo is an invalid filter")],
      ["GET", "/containers/json?filters=%7Bbad", undefined, 500, { cause: expect.stringContaining("invalid character 'b'") }],
      ["GET", "/containers/nosuch/json", undefined, 404, noContainer],
      ["GET", "/containers/one/json", undefined, 200, { Name: "one", Config: { Labels: { one: "1" } }, Mounts: [{ Name: "data" }] }],
      ["GET", "/containers/nosuch/exists", undefined, 404, refusal(404, "no such container")],
      ["GET", "/containers/one/exists", undefined, 204],
    ]);
  });

  it("leads a container through its life", async () => {
    await rows([
      ["POST", "/containers/one/init", undefined, 204],
      ["POST", "/containers/one/start", undefined, 204],
      ["POST", "/containers/one/start", undefined, 304],
      ["POST", "/containers/one/init", undefined, 304],
      ["POST", "/containers/one/wait?condition=running", undefined, 200, "-1\n"],
      ["GET", "/containers/one/top?ps_args=pid&ps_args=comm", undefined, 200, { Titles: ["PID", "COMMAND"] }],
      ["POST", "/containers/one/rename?name=uno", undefined, 204],
      ["DELETE", "/containers/uno", undefined, 500, { cause: "container state improper" }],
      ["POST", "/containers/uno/kill?signal=bogus", undefined, 500, refusal(500, "invalid signal: bogus")],
      ["POST", "/containers/uno/resize?h=10&w=10", undefined, 200],
      ["POST", "/containers/uno/exec", { Cmd: [] }, 500, { cause: "invalid argument" }],
      ["GET", "/exec/nosuch/json", undefined, 404, { cause: "no such exec session" }],
      ["POST", "/containers/uno/update?restartRetries=1", {}, 400],
      ["POST", "/containers/uno/update?restartPolicy=foo", {}, 500, { message: '"foo" is not a valid restart policy: invalid argument' }],
      ["GET", "/containers/uno/healthcheck", undefined, 409],
      ["POST", "/commit?container=uno&repo=made&tag=one", undefined, 200],
      ["POST", "/containers/uno/stop?timeout=0", undefined, 204],
      ["POST", "/containers/uno/stop?timeout=0", undefined, 304],
      ["POST", "/containers/uno/wait", undefined, 200, "137\n"],
      ["POST", "/containers/uno/kill", undefined, 409],
      ["GET", "/generate/uno/systemd?useName=true", undefined, 200, { "container-uno": expect.stringContaining("[Service]") }],
      ["POST", `/containers/prune?${filters({ label: ["one=1"] })}`, undefined, 200, [{ Id: expect.stringMatching(/^[0-9a-f]{64}$/) }]],
      ["DELETE", "/containers/uno", undefined, 404],
      ["DELETE", "/containers/uno?ignore=true", undefined, 200, []],
      ["DELETE", "/containers/two?force=true&timeout=0", undefined, 200, [{ Id: expect.any(String) }]],
      ["DELETE", "/images/made:one", undefined, 200, { Untagged: ["localhost/made:one"], ExitCode: 0, Errors: [] }],
    ]);
  });

  it("looks after pods", async () => {
    const infra = rootless ? [] : ["ipc", "net", "uts"];
    await rows([
      ["POST", "/pods/create", { name: "pod", netns: { nsmode: "none" } }, 201],
      ["POST", "/pods/create", { name: "pod", netns: { nsmode: "none" } }, 409, { cause: "pod already exists" }],
      ["POST", "/pods/create", { name: "x", no_infra: true, infra_name: "y" }, 500, { cause: "invalid pod spec" }],
      ["POST", "/containers/create", { image: baseImage, name: "inside", pod: "pod", command: ["sleep", "100"], stop_timeout: 0 }, 201],
      ["POST", "/pods/pod/start", undefined, 200, { Errs: null, RawInput: "pod" }],
      ["POST", "/pods/pod/start", undefined, 304],
      ["GET", "/pods/json", undefined, 200, [{ Name: "pod", Status: "Running", Containers: [{}, { Names: "inside" }] }]],
      [
        "GET",
        "/pods/pod/json",
        undefined,
        200,
        { Name: "pod", State: "Running", ...(infra.length > 0 ? { SharedNamespaces: infra } : {}) },
      ],
      ["GET", "/pods/pod/top", undefined, 200, { Titles: ["USER", "PID", "PPID", "%CPU", "ELAPSED", "TTY", "TIME", "COMMAND"] }],
      ["POST", "/pods/pod/stop", undefined, 200, { Errs: null }],
      ["POST", "/pods/pod/stop", undefined, 304],
      ["POST", "/pods/pod/kill", undefined, 409],
      ["GET", "/pods/nosuch/json", undefined, 404, refusal(404, "no such pod", "no pod with name or ID nosuch found: no such pod")],
      ["DELETE", "/pods/pod?force=true", undefined, 200, { Err: null, Id: expect.any(String) }],
      ["GET", "/pods/pod/exists", undefined, 404],
      ["POST", "/pods/prune", undefined, 200, []],
    ]);
  });

  it("lists, names and removes images", async () => {
    await rows([
      ["GET", "/images/json", undefined, 200, [{ RepoTags: [baseImage], Names: [baseImage], Os: "linux" }]],
      ["GET", `/images/${baseImage}/json`, undefined, 200, { RepoTags: [baseImage], RootFS: { Type: "layers" } }],
      ["GET", `/images/${encodeURIComponent(baseImage)}/exists`, undefined, 204],
      ["GET", "/images/nosuch/exists", undefined, 404, refusal(404, "failed to find image nosuch")],
      [
        "GET",
        "/images/nosuch/json",
        undefined,
        404,
        refusal(404, "image not known", "failed to find image nosuch: nosuch: image not known"),
      ],
      ["GET", `/images/${baseImage}/history`, undefined, 200, { 0: { Created: expect.any(Number), Tags: [baseImage] } }],
      ["GET", `/images/${baseImage}/tree`, undefined, 200, { Tree: expect.stringContaining(`Tags:     [${baseImage}]`) }],
      ["POST", `/images/${baseImage}/tag?repo=other&tag=name`, undefined, 201],
      ["POST", `/images/${baseImage}/tag`, undefined, 400, refusal(400, "repo parameter is required to tag an image")],
      ["POST", "/images/other:name/untag?repo=other&tag=name", undefined, 201],
      ["DELETE", "/images/remove?images=nosuch", undefined, 200, { ExitCode: 1, Errors: ["nosuch: image not known"] }],
      ["DELETE", "/images/nosuch", undefined, 404, refusal(404, "image not known", "nosuch: image not known")],
      ["POST", "/images/pull", undefined, 500, refusal(500, "reference parameter cannot be empty")],
      ["POST", "/images/pull?reference=dir:/x", undefined, 400],
      ["GET", "/images/export", undefined, 400, refusal(400, "no references")],
      ["GET", `/images/export?references=${baseImage}&format=bogus`, undefined, 500, refusal(500, 'unsupported format "bogus"')],
      ["POST", "/local/images/load?path=nosuch", undefined, 400, { cause: "path is not absolute" }],
      ["POST", "/manifests/list", undefined, 201],
      [
        "PUT",
        "/manifests/list",
        { operation: "update", images: [`containers-storage:${baseImage}`] },
        200,
        { images: [expect.any(String)] },
      ],
      ["PUT", "/manifests/list", { operation: "foo" }, 400],
      ["GET", "/manifests/list/json", undefined, 200, { manifests: [{ platform: { os: "linux" } }] }],
      ["GET", "/manifests/nosuch/exists", undefined, 404, refusal(404, "manifest not found")],
      ["DELETE", "/manifests/list", undefined, 200, { Untagged: ["localhost/list:latest"] }],
      ["POST", "/images/prune", undefined, 200, []],
    ]);
    const archive = await api.request("GET", `/v5.0.0/libpod/images/${baseImage}/get?format=docker-archive`);
    expect(archive.headers.get("content-type")).toBe("application/octet; charset=us-ascii");
    const pulled = await api.request("POST", "/v5.0.0/libpod/images/pull?reference=localhost:1/x&quiet=true");
    expect([pulled.status, pulled.json]).toMatchObject([200, { error: expect.stringContaining("connection refused") }]);
  });

  it("keeps networks, volumes and secrets", async () => {
    await rows([
      ["POST", "/networks/create", { name: "net", labels: { a: "b" } }, 200, { name: "net", driver: "bridge", dns_enabled: false }],
      ["POST", "/networks/create", { name: "net" }, 409, { cause: "network already exists" }],
      ["POST", "/networks/create?ignoreIfExists=true", { name: "net" }, 200, { name: "net" }],
      ["GET", "/networks/net/json", undefined, 200, { name: "net", containers: {} }],
      ["GET", "/networks/nosuch/json", undefined, 404, refusal(404, "network not found")],
      ["POST", "/networks/net/connect", { container: "nosuch" }, 404, noContainer],
      ["DELETE", "/networks/net", undefined, 200, [{ Name: "net", Err: null }]],
      ["DELETE", "/networks/nosuch", undefined, 404],
      ["POST", "/volumes/create", { Name: "vol", Label: { a: "b" } }, 201, { Name: "vol", Labels: { a: "b" }, Scope: "local" }],
      ["POST", "/volumes/create", { Name: "vol" }, 500, { cause: "volume already exists" }],
      ["POST", "/volumes/create", { Name: "vol", IgnoreIfExists: true }, 201],
      ["GET", `/volumes/json?${filters({ label: ["a=b"] })}`, undefined, 200, [{ Name: "vol" }]],
      ["GET", `/volumes/json?${filters({ bogus: ["x"] })}`, undefined, 500, refusal(500, '"bogus" is an invalid volume filter')],
      ["GET", "/volumes/nosuch/json", undefined, 404, refusal(404, "no such volume")],
      ["DELETE", "/volumes/vol", undefined, 204],
      ["POST", "/secrets/create?name=sec", "hidden", 200, { ID: expect.any(String) }],
      ["POST", "/secrets/create?name=sec", "hidden", 500, refusal(500, "secret name in use", "sec: secret name in use")],
      ["GET", "/secrets/json", undefined, 200, [{ Spec: { Name: "sec", Labels: null } }]],
      ["GET", "/secrets/sec/json?showsecret=true", undefined, 200, { SecretData: "hidden", Spec: { Labels: {} } }],
      ["DELETE", "/secrets/sec", undefined, 204],
      ["GET", "/secrets/sec/exists", undefined, 404, refusal(404, "no such secret")],
      ["POST", "/volumes/prune", undefined, 200],
    ]);
    expect((await api.request("GET", "/v3.0.0/libpod/networks/json")).json).toMatchObject({ cause: "given version is not supported" });
  });

  it("tells of the disk, cleans up, and plays kube files", async () => {
    const file = `apiVersion: v1\nkind: Pod\nmetadata:\n  name: played\nspec:\n  hostNetwork: true\n  containers:\n  - name: c\n    image: ${baseImage}\n    command: ["sleep", "100"]\n`;
    const send = (method: string, path: string) =>
      fetch(`http://d/v5.0.0/libpod${path}`, {
        method,
        body: file,
        unix: api.socket,
        headers: { "Content-Type": "plain/text" },
      } as RequestInit);
    const played = await send("POST", "/kube/play?start=false");
    expect([played.status, await played.json()]).toMatchObject([200, { Pods: [{ Containers: [expect.any(String)] }] }]);
    const generated = await api.request("GET", "/v5.0.0/libpod/generate/kube?names=played");
    expect(generated.text).toContain("kind: Pod");
    const down = await send("DELETE", "/kube/play");
    expect([down.status, await down.json()]).toMatchObject([200, { RmReport: [{ Err: null }] }]);
    await rows([
      ["GET", "/generate/kube?names=nosuch", undefined, 500],
      ["GET", "/system/df", undefined, 200, { Images: [{ Repository: "localhost/base", Tag: "latest" }], Containers: [] }],
      ["POST", "/system/prune", undefined, 200, { PodPruneReport: null, ContainerPruneReports: null }],
      ["GET", "/events?stream=false&since=1h", undefined, 200],
    ]);
  });

  it("keeps artifacts", async () => {
    const missing = refusal(404, "artifact does not exist", "none: artifact does not exist");
    const file = join(world.directory, "artifact-file");
    writeFileSync(file, "hello\n");
    const add = (query: string, status: number, answer?: unknown): ApiRow => [
      "POST",
      `/artifacts/local/add?${query}`,
      undefined,
      status,
      answer,
    ];
    const digest = { ArtifactDigest: expect.stringMatching(/^sha256:/) };
    await rows([
      ["GET", "/artifacts/json", undefined, 200, []],
      add(`name=localhost/a/b:1&fileName=h.txt&path=${file}&annotations=k%3Dv`, 201, digest),
      add(`name=localhost/a/b:1&fileName=h.txt&path=${file}`, 500, { cause: "artifact already exists" }),
      add(`name=localhost/a/b:1&path=${file}`, 400, refusal(400, "name and file parameters are required")),
      add(`name=localhost/a/b:1&fileName=h&path=${file}&annotations=k`, 400, refusal(400, 'no value given for annotation "k"')),
      add("name=localhost/a/c:1&fileName=h&path=/nonesuch", 404, refusal(404, 'file does not exist: "/nonesuch"')),
      add("name=localhost/a/c:1&fileName=h&path=rel", 400, { cause: "path is not absolute" }),
      ["GET", "/artifacts/localhost/a/b:1/json", undefined, 200, { Name: "localhost/a/b:1", Manifest: { layers: [{ size: 6 }] } }],
      ["GET", "/artifacts/none/json", undefined, 404, missing],
      ["GET", "/artifacts/localhost/a/b:1/extract", undefined, 200],
      ["GET", "/artifacts/localhost/a/b:1/extract?title=z", undefined, 500, refusal(500, 'no blob with the title "z"')],
      ["GET", "/artifacts/none/extract", undefined, 404, missing],
      ["DELETE", "/artifacts/none", undefined, 404, missing],
      ["DELETE", "/artifacts/remove", undefined, 400],
      ["DELETE", "/artifacts/remove?artifacts=none&ignore=true", undefined, 200, { ArtifactDigests: [] }],
      ["DELETE", "/artifacts/localhost/a/b:1", undefined, 200, { ArtifactDigests: [expect.any(String)] }],
    ]);
  });

  it("checks the store, and looks for quadlets", async () => {
    const duration = { cause: 'time: invalid duration "x"' };
    await rows([
      ["POST", "/system/check", undefined, 200, { Errors: false, Layers: null, RemovedImages: null }],
      ["POST", "/system/check?unreferenced_layer_max_age=x", undefined, 400, duration],
      ["GET", "/quadlets/none.container/exists", undefined, 404, refusal(404, "no such quadlet: none.container")],
      ["GET", "/quadlets/none.container/file", undefined, 404, { cause: "no such quadlet" }],
      ["DELETE", "/quadlets", undefined, 400, refusal(400, "must provide at least 1 quadlet to remove or set all=true")],
      ["POST", "/quadlets", {}, 400],
    ]);
  });

  it("builds directories of its own machine", async () => {
    const context = join(world.directory, "local");
    const other = join(world.directory, "local-other");
    for (const directory of [context, other]) mkdirSync(directory, { mode: 0o755 });
    writeFileSync(join(context, "Containerfile"), `FROM ${baseImage}\nCOPY --from=other file /file\n`);
    writeFileSync(join(other, "file"), "from the other");
    const build = (parameters: Record<string, string>): string => `/local/build?${new URLSearchParams(parameters)}`;
    const whole = { localcontextdir: context, t: "localhost/local:1", additionalbuildcontexts: `other=localpath:${other}` };
    await rows([
      [
        "POST",
        "/local/build",
        undefined,
        400,
        refusal(
          400,
          "localcontextdir cannot be empty",
          `failed to parse query parameter 'localcontextdir': "": localcontextdir cannot be empty`,
        ),
      ],
      [
        "POST",
        build({ localcontextdir: "relative" }),
        undefined,
        400,
        refusal(400, "path is not absolute", 'path is not absolute: "relative"'),
      ],
      ["POST", build({ localcontextdir: join(context, "nosuch") }), undefined, 404],
      ["POST", build({ localcontextdir: other }), undefined, 400, { message: expect.stringContaining("'dockerfile'") }],
      ["POST", build(whole), undefined, 200],
      ["GET", "/images/localhost/local:1/exists", undefined, 204],
      ["DELETE", "/images/localhost/local:1", undefined, 200],
    ]);
  });

  it("refuses states that there are not, and intervals that are none", async () => {
    await rows([
      [
        "GET",
        `/containers/json?${filters({ status: ["bad"] })}`,
        undefined,
        500,
        { message: "unknown container state: bad: invalid argument" },
      ],
      ["GET", "/pods/json?filters=bad", undefined, 400],
      ["POST", "/images/scp/nosuch", undefined, 500, { cause: "must specify a destination" }],
      ["POST", `/images/scp/${encodeURIComponent("me@localhost::image")}`, undefined, 400],
      ["DELETE", "/networks/podman", undefined, 200, [{ Name: "podman", Err: "default network podman cannot be removed" }]],
    ]);
  });

  it("builds from several contexts, with secrets and ignore rules that the client sends", async () => {
    const archive = async (name: string, files: Readonly<Record<string, string>>): Promise<Blob> => {
      const directory = join(world.directory, "tmp", name);
      mkdirSync(directory);
      for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
      const packed = await world.runProgram("tar", ["-C", directory, "-cf", `${directory}.tar`, "."]);
      expect(packed.exitCode, packed.stderr).toBe(0);
      return Bun.file(`${directory}.tar`);
    };
    const containerfile = [
      `FROM ${baseImage}`,
      "COPY . /in",
      "COPY --from=other b /other/b",
      "RUN --mount=type=secret,id=word ls /in /other; cat /run/secrets/word",
    ].join("\n");
    const form = new FormData();
    form.append("MainContext", await archive("main", { Containerfile: containerfile, a: "A", junk: "", hidden: "swordfish" }), "main.tar");
    form.append("build-context-other", await archive("other", { b: "B" }), "other.tar");
    const query = new URLSearchParams({
      t: "several:1",
      networkmode: "1",
      secrets: '["id=word,src=hidden"]',
      excludes: '["junk"]',
      additionalbuildcontexts: "other=localpath:other",
    });
    const built = await api.request("POST", `/v5.0.0/libpod/build?${query}`, form);
    const said = built.text
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { stream?: string; error?: string }).stream ?? line)
      .join("");
    expect(said).toContain("/in:\nContainerfile\na\n\n/other:\nb\nswordfish");
    await rows([
      ["DELETE", "/images/several:1", undefined, 200],
      ["POST", "/build?sourcePolicy=x", "", 501],
      ["POST", "/build?isolation=nosuch", "", 200, { error: expect.stringContaining("no such file") }],
    ]);
  });
});
