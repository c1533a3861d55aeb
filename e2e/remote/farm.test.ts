/** `podman farm`: builds at two services and here, and one manifest list in a registry for all. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBaseImage } from "../harness/base-image.ts";
import { originalPath, systemProgram, toolPath } from "../harness/binaries.ts";
import { type RegistryServer, startRegistry } from "../harness/registry.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";
import { type RunningService, startService } from "./service.ts";

const clients = [
  { title: "our farm", client: toolPath("podman") },
  { title: "the original's farm with our services (needs podman)", client: originalPath("podman") },
];

describe.skipIf(systemProgram("docker-registry") === undefined)("farms (need docker-registry)", () => {
  describe.each(clients)("$title", ({ client }) => {
    const able = client !== undefined;
    const worlds: World[] = [];
    const services: RunningService[] = [];
    let registry: RegistryServer;
    let env: Record<string, string>;

    beforeAll(async () => {
      if (!able) return;
      registry = await startRegistry();
      for (let at = 0; at < 2; at++) {
        const world = await createWorld();
        await buildBaseImage(world);
        worlds.push(world);
        services.push(await startService(world));
      }
      env = { PODMAN_CONNECTIONS_CONF: join(home().directory, "connections.json") };
    });
    afterAll(async () => {
      for (const service of services) await service.stop();
      for (const world of worlds) await world.destroy();
      await registry?.stop();
    });

    const home = (): World => {
      const [world] = worlds;
      if (world === undefined) throw new Error("there is no world");
      return world;
    };
    const run = (...args: string[]) => home().runProgram(client ?? "", args, { env });
    const ok = async (...args: string[]): Promise<string> => {
      const result = await run(...args);
      if (result.exitCode !== 0) throw new Error(describeResult(result));
      return result.stdout;
    };

    it.skipIf(!able)("are made of connections, changed and listed", async () => {
      for (const [at, { uri }] of services.entries()) await ok("system", "connection", "add", `node${at}`, uri);
      expect(await ok("farm", "create", "both", "node0")).toBe('Farm "both" created');
      expect(await ok("farm", "update", "--add", "node1", "both")).toBe('Farm "both" updated');
      expect(JSON.parse(await ok("farm", "ls", "--format", "json"))).toMatchObject([{ Name: "both", Default: true, ReadWrite: true }]);
      expect((await run("farm", "create", "bad", "nowhere")).stderr).toContain('cannot create farm, "nowhere" is not a system connection');
      expect((await run("farm", "build", "-t", "a/b", "--arch", "arm64", ".")).stderr).toContain('"arch" is an unsupported flag');
    });

    it.skipIf(!able)("build, push by digest and put the images together", async () => {
      const context = join(home().directory, "context");
      mkdirSync(context);
      writeFileSync(join(context, "Containerfile"), "FROM scratch\nCOPY file /\nLABEL made=farm\n");
      writeFileSync(join(context, "file"), "content");
      const name = `${registry.address}/team/app:v1`;
      const iid = join(home().directory, "iid");
      // The original fails on a name with a tag.
      const tag = client === toolPath("podman") ? name : name.replace(/:v1$/, "");
      const said = await ok("farm", "build", "--local=false", "--cleanup", "--tls-verify=false", "--iidfile", iid, "-t", tag, context);
      expect(said).toContain(`Saved list to "${tag}"`);
      expect(readFileSync(iid, "utf8")).toMatch(/^sha256:[0-9a-f]{64}$/);
      const list = JSON.parse(await ok("manifest", "inspect", "--tls-verify=false", tag));
      expect(list.manifests).toHaveLength(1);
      const [, other] = worlds;
      const pulled = (await other?.podman("pull", "--tls-verify=false", "-q", tag)) ?? "";
      expect(await other?.podman("image", "inspect", "--format", "{{.Labels.made}}", pulled)).toBe("farm");
    });
  });
});
