/** Pods: containers that share namespaces, and live and die together; as root and rootless. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { patience } from "../harness/eventually.ts";
import { limited } from "../harness/limits.ts";
import { freePort } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

const limits = limited("measures its running containers");

const serve = (text: string) => ["sh", "-c", `mkdir -p /www && echo ${text} >/www/index.html && exec httpd -f -p 80 -h /www`];
const ask = (host: string) => [
  "sh",
  "-c",
  `for i in $(seq 100); do (echo "GET / HTTP/1.0"; echo) | nc -w 2 ${host} 80 | tail -n 1 | grep . && exit 0; sleep 0.2; done; exit 9`,
];

describe.each([{ rootless: false }, { rootless: true }])("pods, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterEach(async () => {
    await world.podman("pod", "rm", "-f", "-a", "-t", "0");
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const podman = (...args: string[]) => world.podman(...args);
  const pod = (...args: string[]) => world.podman("pod", ...args);
  const statusOf = async (name: string): Promise<string> => pod("inspect", "--format", "{{.State}}", name);

  it("is made with an infra container that is listed", async () => {
    const id = await pod("create", "--name", "demo-pod", "--label", "a=b");
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const [heading, line] = (await pod("ls")).split("\n");
    expect(heading?.split(/\s{2,}/)).toEqual(["POD ID", "NAME", "STATUS", "CREATED", "INFRA ID", "# OF CONTAINERS"]);
    expect(line).toMatch(new RegExp(`^${id.slice(0, 12)} +demo-pod +Created .* 1$`));
    await podman("run", "-dt", "--pod", "demo-pod", "--name", "one", baseImage, "sleep", "1000");
    const listed = await podman("ps", "-a", "--pod", "--format", "{{.Names}} {{.PodName}} {{.Status}}");
    expect(listed).toMatch(new RegExp(`^${id.slice(0, 12)}-infra demo-pod Up .*\none demo-pod Up `));
    const [json] = JSON.parse(await pod("ps", "--format", "json"));
    expect(json).toMatchObject({ Id: id, Name: "demo-pod", Status: "Running", Labels: { a: "b" } });
    expect(json.Containers.map(({ Names, Status }: Record<string, string>) => [Names, Status])).toEqual([
      [`${id.slice(0, 12)}-infra`, "running"],
      ["one", "running"],
    ]);
  });

  it("shares network, host name and hosts, and is made by --pod new:", async () => {
    const port = await freePort();
    await podman("run", "-d", "--pod", "new:frontend", "-p", `${port}:80`, "--name", "web", baseImage, ...serve("hello"));
    expect(await podman("run", "--rm", "--pod", "frontend", baseImage, ...ask("127.0.0.1"))).toBe("hello");
    expect(await podman("run", "--rm", "--pod", "frontend", "--name", "two", baseImage, ...ask("web"))).toBe("hello");
    expect(await podman("exec", "web", "hostname")).toBe("frontend");
    expect(await podman("exec", "web", "cat", "/etc/hosts")).not.toContain("two");
    expect((await (await fetch(`http://127.0.0.1:${port}/`)).text()).trim()).toBe("hello");
    expect(await podman("port", "web")).toBe(`80/tcp -> 0.0.0.0:${port}`);
  });

  it("inspects a pod", async () => {
    const id = await pod("create", "--name", "looked-at", "--hostname", "h", "--add-host", "x:1.2.3.4", "--share", "net,uts");
    const [seen] = JSON.parse(await pod("inspect", "looked-at"));
    expect(seen).toMatchObject({
      Id: id,
      ExitPolicy: "continue",
      State: "Created",
      Hostname: "h",
      CreateInfra: true,
      InfraConfig: { HostNetwork: false, HostAdd: ["x:1.2.3.4"], pid_ns: "private" },
      SharedNamespaces: ["net", "uts"],
      NumContainers: 1,
    });
    expect(seen.Containers).toEqual([{ Id: seen.InfraContainerID, Name: `${id.slice(0, 12)}-infra`, State: "created" }]);
    expect(await podman("inspect", "--format", "{{.Name}}", "looked-at")).toBe("looked-at");
    const missing = await world.run("podman", ["pod", "inspect", "nosuch"]);
    expect(missing).toMatchObject({
      exitCode: 125,
      stdout: expect.stringMatching(/^\[\s*\]/),
      stderr: expect.stringContaining("Error: no such pod nosuch"),
    });
  });

  it("starts, stops, kills and pauses as one", async () => {
    await pod("create", "--name", "life", "--share", "net,ipc,uts,pid");
    await podman("create", "--name", "member", "--pod", "life", baseImage, "sleep", "1000");
    expect(await pod("start", "life")).toBe("life");
    expect(await statusOf("life")).toBe("Running");
    expect(await podman("exec", "member", "ps")).toMatch(/1 .*catatonit -P/);
    if (!rootless) {
      await pod("pause", "life");
      expect(await statusOf("life")).toBe("Paused");
      await pod("unpause", "life");
    }
    expect(await pod("top", "life", "pid", "args")).toContain("sleep 1000");
    expect(await pod("stop", "-t", "0", "life")).toBe("life");
    expect(await statusOf("life")).toBe("Exited");
    await pod("restart", "life");
    expect(await statusOf("life")).toBe("Running");
    await podman("kill", "member");
    await podman("wait", "member");
    // The monitor's clean-up may still be about to note the end.
    await expect.poll(() => statusOf("life"), patience).toBe("Degraded");
    await pod("kill", "life");
  });

  it("prints the logs of its containers", async () => {
    await podman("run", "--pod", "new:talk", "--name", "says", baseImage, "echo", "word");
    expect(await pod("logs", "-c", "says", "talk")).toBe("word");
    expect(await pod("logs", "-n", "talk")).toBe("says word");
  });

  it.skipIf(rootless || limits.skip)(limits.title, async () => {
    await podman("run", "-d", "--pod", "new:busy", "--name", "sleeper", baseImage, "sleep", "1000");
    const measured = JSON.parse(await pod("stats", "--no-stream", "--format", "json", "busy"));
    expect(measured).toHaveLength(2);
    expect(measured[1]).toMatchObject({ Name: "sleeper", PIDS: "1", CPU: expect.stringMatching(/^\d+\.\d\d%$/) });
    expect(await pod("stats", "--no-stream")).toMatch(/^POD +CID +NAME +CPU % +MEM USAGE\/ LIMIT/);
  });

  it("stops when its policy says so and the last container ends", async () => {
    await pod("create", "--name", "ends", "--exit-policy", "stop");
    await podman("run", "--rm", "--pod", "ends", baseImage, "true");
    expect(await statusOf("ends")).toBe("Exited");
    expect(await podman("container", "prune", "-f")).toBe("");
    expect(await pod("prune", "-f")).toMatch(/^[0-9a-f]{64}$/);
    expect((await world.run("podman", ["pod", "exists", "ends"])).exitCode).toBe(1);
  });

  it("refuses what only the pod can have", async () => {
    await pod("create", "--name", "strict");
    for (const [flags, text] of [
      [["-p", "80"], /published or exposed ports must be defined when the pod is created/],
      [["--hostname", "x"], /cannot set hostname when joining the pod UTS namespace/],
      [["--add-host", "a:1.1.1.1"], /extra host entries must be specified on the pod/],
      [["--ip", "10.88.0.9"], /networks must be defined when the pod is created/],
    ] as const) {
      const refused = await world.run("podman", ["run", "--rm", "--pod", "strict", ...flags, baseImage, "true"]);
      expect(refused.exitCode).toBe(125);
      expect(refused.stderr).toMatch(text);
    }
    const infra = await pod("inspect", "--format", "{{.InfraContainerID}}", "strict");
    expect((await world.run("podman", ["rm", "-f", infra])).stderr).toContain("cannot be removed without removing the pod");
    expect((await world.run("podman", ["pod", "create", "--name", "strict"])).stderr).toContain(
      'name "strict" is in use: pod already exists',
    );
    expect(await world.run("podman", ["run", "--rm", "--pod", "nosuch", baseImage, "true"])).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining("no pod with name or ID nosuch found: no such pod"),
    });
  });

  it("is removed with all that is in it, running only by force", async () => {
    const id = await pod("create", "--name", "goes");
    await podman("run", "-d", "--pod", "goes", "--name", "stays", baseImage, "sleep", "1000");
    const refused = await world.run("podman", ["pod", "rm", "goes"]);
    expect(refused.exitCode).toBe(125);
    expect(refused.stderr).toContain(`not all containers could be removed from pod ${id}`);
    expect(await pod("rm", "-f", "-t", "0", "goes")).toBe(id);
    expect(await podman("ps", "-a", "-q")).toBe("");
    expect(await pod("ps", "-q")).toBe("");
    expect((await world.run("podman", ["pod", "rm", "goes"])).exitCode).toBe(1);
    expect(readdirSync(join(world.graphRoot, "overlay-containers")).filter((name) => /^[0-9a-f]{64}$/.test(name))).toEqual([]);
    expect(readdirSync("/sys/fs/cgroup").some((name) => existsSync(`/sys/fs/cgroup/${name}/libpod_parent/${id}`))).toBe(false);
  });

  it("may have a user namespace of its own, and rights that all its containers have", async () => {
    await pod("create", "--name", "u", "--uidmap", rootless ? "0:1:500" : "0:200000:500", "--security-opt", "no-new-privileges");
    const script = "cat /proc/self/uid_map; grep NoNewPrivs /proc/self/status";
    const seen = (await podman("run", "--rm", "--pod", "u", baseImage, "sh", "-c", script))
      .split("\n")
      .map((line) => line.trim().split(/\s+/));
    expect(seen).toEqual([
      ["0", rootless ? "1" : "200000", "500"],
      ["NoNewPrivs:", "1"],
    ]);
  });

  it("goes with its infra container when that is removed with all that depends on it", async () => {
    await podman("create", "--pod", "new:dep", "--name", "in-dep", baseImage, "true");
    const [infra, id] = [
      await pod("inspect", "--format", "{{.InfraContainerID}}", "dep"),
      await podman("inspect", "--format", "{{.Id}}", "in-dep"),
    ];
    expect((await podman("rm", "--depend", infra)).split("\n").sort()).toEqual([infra, id].sort());
    expect(await pod("ps", "-q")).toBe("");
  });

  it("may have no infra container", async () => {
    await pod("create", "--infra=false", "--name", "loose");
    await podman("run", "-d", "--pod", "loose", "--name", "alone", baseImage, "sleep", "1000");
    const [seen] = JSON.parse(await pod("inspect", "loose"));
    expect(seen).toMatchObject({ CreateInfra: false, NumContainers: 1, State: "Running" });
    expect(seen.InfraContainerID).toBeUndefined();
    await podman("rm", "-f", "-a", "-t", "0");
    expect(await pod("ps", "--format", "{{.Name}} {{.NumberOfContainers}}")).toBe("loose 0");
  });
});
