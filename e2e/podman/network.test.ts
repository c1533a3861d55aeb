/** Networks: their definitions, containers that find each other, published ports; as root and rootless. */
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { systemProgram } from "../harness/binaries.ts";
import { freePort } from "../harness/registry.ts";
import { createWorld, type World } from "../harness/world.ts";

interface Definition {
  readonly name: string;
  readonly id: string;
  readonly network_interface: string;
  readonly subnets: ReadonlyArray<{ readonly subnet: string; readonly gateway: string }>;
  readonly dns_enabled: boolean;
  readonly containers: Readonly<Record<string, { readonly name: string }>>;
}

const missing = ["netavark", "aardvark-dns"].filter((name) => systemProgram(name) === undefined);

/** Asks until there is an answer: a server inside a container needs a moment to listen. */
async function fetchText(url: string): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (await (await fetch(url, { signal: AbortSignal.timeout(2000) })).text()).trim();
    } catch (error) {
      if (attempt === 200) throw error;
      await Bun.sleep(150);
    }
  }
}

const serve = (text: string, port = 80) => [
  "sh",
  "-c",
  `mkdir -p /www && echo ${text} >/www/index.html && exec httpd -f -p ${port} -h /www`,
];
/** Fetches by name inside a container, with nc: Debian's static busybox crashes in wget. */
const ask = (name: string, port: number) => [
  "sh",
  "-c",
  `for i in $(seq 100); do (echo "GET / HTTP/1.0"; echo) | nc -w 2 ${name} ${port} | tail -n 1 | grep . && exit 0; sleep 0.2; done; exit 9`,
];

describe.each([{ rootless: false }, { rootless: true }])("podman network, rootless: $rootless", ({ rootless }) => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld({ rootless });
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const podman = (...args: string[]) => world.podman(...args);
  const inspect = async (name: string): Promise<Definition> => (JSON.parse(await podman("network", "inspect", name)) as [Definition])[0];
  const started: string[] = [];
  const start = async (name: string, ...args: string[]) => {
    started.push(name);
    await podman("run", "-d", "--name", name, ...args);
  };

  describe("definitions", () => {
    it("has the default network without making it", async () => {
      expect(await podman("network", "ls")).toBe("NETWORK ID    NAME        DRIVER\n2f259bab93aa  podman      bridge");
      expect(await inspect("podman")).toMatchObject({
        network_interface: "podman0",
        dns_enabled: false,
        subnets: [{ subnet: "10.88.0.0/16", gateway: "10.88.0.1" }],
      });
      const removal = await world.run("podman", ["network", "rm", "podman"]);
      expect(removal).toMatchObject({ exitCode: 125, stderr: "Error: default network podman cannot be removed" });
    });

    it("makes, lists, shows and removes one", async () => {
      expect(await podman("network", "create", "--label", "a=b", "--subnet", "10.201.7.0/24", "defs")).toBe("defs");
      const network = await inspect("defs");
      expect(network).toMatchObject({ dns_enabled: true, subnets: [{ subnet: "10.201.7.0/24", gateway: "10.201.7.1" }], containers: {} });
      expect(network.id).toMatch(/^[0-9a-f]{64}$/);
      expect(await podman("network", "ls", "-q", "--filter", "label=a=b")).toBe("defs");
      expect(await podman("network", "ls", "--format", "{{.Name}}/{{.Driver}}", "--filter", "name=defs")).toBe("defs/bridge");
      expect((await world.run("podman", ["network", "exists", network.id.slice(0, 10)])).exitCode).toBe(0);
      expect(await podman("network", "rm", "defs")).toBe("defs");
      expect((await world.run("podman", ["network", "exists", "defs"])).exitCode).toBe(1);
    });

    it.each([
      [["create", "podman"], 125, "network name podman already used: network already exists"],
      [["create", "--subnet", "1.2.3", "x"], 125, "invalid CIDR address: 1.2.3"],
      [["create", "a b"], 125, "names must match"],
      [["create", "-o", "foo=bar", "x"], 125, "unsupported bridge network option foo"],
      [["create", "--driver", "foo", "x"], 125, 'failed to find driver or plugin "foo"'],
      [["rm", "nosuch"], 1, "unable to find network with name or ID nosuch: network not found"],
      [["inspect", "nosuch"], 125, "network nosuch: unable to find network with name or ID nosuch: network not found"],
      [["ls", "--filter", "foo=bar"], 125, 'invalid filter "foo"'],
    ])("podman network %j exits with %i", async (args, exitCode, message) => {
      const result = await world.run("podman", ["network", ...args]);
      expect(result.exitCode, result.stderr).toBe(exitCode);
      expect(result.stderr).toContain(message);
    });

    it("prunes what no container uses", async () => {
      await podman("network", "create", "unused");
      expect(await podman("network", "prune", "-f")).toBe("unused");
    });
  });

  describe.skipIf(missing.length > 0)(`containers on a network (needs ${missing.join(", ") || "nothing more"})`, () => {
    beforeAll(async () => {
      await podman("network", "create", "town");
      await start("mill", "--network", "town", "--network-alias", "wheel", baseImage, ...serve("flour", 8000));
    });

    it.each(["mill", "wheel", "mill.dns.podman"])("are found as %s", async (name) => {
      expect(await podman("run", "--rm", "--network", "town", baseImage, ...ask(name, 8000))).toBe("flour");
    });

    it("have different addresses, and inspect shows them", async () => {
      await start("inn", "--network", "town", baseImage, "sleep", "1000");
      const { containers, subnets } = await inspect("town");
      expect(
        Object.values(containers)
          .map((one) => one.name)
          .toSorted(),
      ).toEqual(["inn", "mill"]);
      const addresses = await Promise.all(
        ["inn", "mill"].map((name) => podman("inspect", name, "--format", "{{.NetworkSettings.Networks.town.IPAddress}}")),
      );
      expect(new Set(addresses).size).toBe(2);
      for (const address of addresses) expect(address.startsWith((subnets[0]?.subnet ?? "").replace(/0\/24$/, ""))).toBe(true);
    });

    it("take a wanted address, and refuse a taken one", async () => {
      const prefix = ((await inspect("town")).subnets[0]?.subnet ?? "").replace(/0\/24$/, "");
      await start("tower", "--network", "town", "--ip", `${prefix}77`, baseImage, "sleep", "1000");
      expect(await podman("exec", "tower", "ip", "-4", "addr", "show", "eth0")).toContain(`${prefix}77/24`);
      const taken = await world.run("podman", ["run", "--rm", "--network", "town", "--ip", `${prefix}77`, baseImage, "true"]);
      expect(taken.exitCode).toBe(126);
      expect(taken.stderr).toContain(`requested ip address ${prefix}77 is already allocated`);
    });

    it("are not found from another network", async () => {
      await podman("network", "create", "island");
      const result = await world.run("podman", ["run", "--rm", "--network", "island", baseImage, "nslookup", "mill"]);
      expect(result.exitCode).not.toBe(0);
    });

    it("join and leave while they run", async () => {
      await podman("network", "connect", "--alias", "guest", "island", "inn");
      expect(await podman("run", "--rm", "--network", "island", baseImage, "nslookup", "guest.dns.podman")).toContain("guest.dns.podman");
      expect(await podman("exec", "inn", "ls", "/sys/class/net")).toContain("eth1");
      expect((await world.run("podman", ["network", "connect", "island", "inn"])).stderr).toContain("network is already connected");
      await podman("network", "disconnect", "island", "inn");
      expect(await podman("exec", "inn", "ls", "/sys/class/net")).not.toContain("eth1");
      await podman("network", "rm", "island");
    });

    it("keep their network from being removed", async () => {
      const result = await world.run("podman", ["network", "rm", "town"]);
      expect(result.exitCode).toBe(2);
      expect(result.stderr).toContain('"town" has associated containers with it');
    });

    it("publish ports to the host", async () => {
      const port = await freePort();
      await start("gate", "--network", "town", "-p", `127.0.0.1:${port}:80`, baseImage, ...serve("open"));
      expect(await fetchText(`http://127.0.0.1:${port}/`)).toBe("open");
      expect(await podman("port", "gate")).toBe(`80/tcp -> 127.0.0.1:${port}`);
      const clash = await world.run("podman", ["run", "--rm", "--network", "town", "-p", `127.0.0.1:${port}:80`, baseImage, "true"]);
      expect(clash.exitCode).toBe(126);
      expect(clash.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}.*already in use`));
      await podman("rm", "-f", "-t", "0", "gate");
      // The port is free again.
      await new Promise<void>((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(port, "127.0.0.1", () => server.close(() => resolve()));
      });
    });

    it("leave nothing when they are gone", async () => {
      const { network_interface } = await inspect("town");
      await podman("network", "rm", "-f", "-t", "0", "town");
      expect(await podman("ps", "-a", "-q")).toBe("");
      if (!rootless) expect(readdirSync("/sys/class/net")).not.toContain(network_interface);
      const ours = rootless
        ? processes().filter((line) => line.includes(world.directory) && /pasta|slirp4netns|aardvark|port-forwarder/.test(line))
        : [];
      expect(ours).toEqual([]);
    });
  });

  describe("the default network", () => {
    it.skipIf(!rootless && missing.length > 0)("publishes a port and writes the container's files", async () => {
      const port = await freePort();
      await start("web", "-p", `${port}:80`, "--add-host", "db:192.0.2.7", baseImage, ...serve("hello"));
      expect(await fetchText(`http://127.0.0.1:${port}/`)).toBe("hello");
      const hosts = await podman("exec", "web", "cat", "/etc/hosts");
      expect(hosts).toMatch(/^192\.0\.2\.7\tdb$/m);
      expect(hosts).toMatch(/^127\.0\.0\.1\tlocalhost/m);
      expect(await podman("exec", "web", "cat", "/etc/resolv.conf")).toMatch(/^nameserver \S+$/m);
      await podman("rm", "-f", "-t", "0", "web");
    });

    it.skipIf(!rootless && missing.length > 0)("has the port free when a container is started again at once", async () => {
      const port = await freePort();
      await start("again", "-p", `${port}:80`, baseImage, "sh", "-c", "echo begun; exec sleep 1000");
      for (let round = 0; round < 5; round++) await podman("restart", "-t", "0", "again");
      expect(await podman("logs", "again")).toBe(Array.from({ length: 6 }, () => "begun").join("\n"));
      expect((await podman("top", "again", "args")).split("\n")).toHaveLength(2);
      await podman("rm", "-f", "-t", "0", "again");
    });

    it.skipIf(!rootless && missing.length > 0)("refuses a port in use with one line that names it", async () => {
      const server = createServer();
      const port = await new Promise<number>((resolve) =>
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
      );
      const result = await world.run("podman", ["run", "--rm", "-p", `127.0.0.1:${port}:80`, baseImage, "true"]);
      server.close();
      expect(result.exitCode).toBe(126);
      expect(result.stderr.split("\n").filter((line) => line.startsWith("Error:"))).toHaveLength(1);
      expect(result.stderr).toMatch(new RegExp(`127\\.0\\.0\\.1:${port}: bind: address already in use`));
    });

    it("none has loopback only, host has the host's interfaces", async () => {
      expect(await podman("run", "--rm", "--network", "none", baseImage, "ls", "/sys/class/net")).toBe("lo");
      const host = await podman("run", "--rm", "--network", "host", baseImage, "ls", "/sys/class/net");
      expect(host.split("\n").toSorted()).toEqual(readdirSync("/sys/class/net").toSorted());
    });
  });

  afterAll(async () => {
    for (const name of started) await world.run("podman", ["rm", "-f", "-t", "0", name]);
  });
});

function processes(): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      } catch {
        return "";
      }
    });
}
