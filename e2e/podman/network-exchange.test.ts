/** One network, two makes of podman: definitions, addresses and names are shared. Runs where the original is installed. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath } from "../harness/binaries.ts";
import { describeResult } from "../harness/run-command.ts";
import { createWorld, type World } from "../harness/world.ts";

const original = originalPath("podman");
const address = (container: string) => ["inspect", container, "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"];

describe.skipIf(original === undefined).each([{ rootless: false }, { rootless: true }])(
  "the original podman and ours on one network, rootless: $rootless",
  ({ rootless }) => {
    let world: World;

    beforeAll(async () => {
      // Where root lacks CAP_SYS_RESOURCE the original fails on its own default limits.
      world = await createWorld({ rootless, containersConf: '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]\n' });
      await buildBaseImage(world);
    });
    afterAll(async () => {
      await world?.runProgram(original ?? "", ["rm", "-f", "-a", "-t", "0"]);
      await world?.destroy();
    });

    const ours = (...args: string[]) => world.podman(...args);
    const theirs = async (...args: string[]): Promise<string> => {
      const result = await world.runProgram(original ?? "", args);
      if (result.exitCode !== 0) throw new Error(describeResult(result));
      return result.stdout;
    };
    const definition = async (list: Promise<string>) => (JSON.parse(await list) as [object])[0];

    it("each sees the networks that the other made", async () => {
      await ours("network", "create", "--label", "by=us", "mine");
      await theirs("network", "create", "--label", "by=them", "yours");
      expect(await definition(theirs("network", "inspect", "mine"))).toEqual(await definition(ours("network", "inspect", "mine")));
      expect(await definition(ours("network", "inspect", "yours"))).toEqual(await definition(theirs("network", "inspect", "yours")));
      await theirs("network", "rm", "mine");
      expect((await world.run("podman", ["network", "exists", "mine"])).exitCode).toBe(1);
    });

    it("containers get different addresses and find each other by name", async () => {
      await theirs("run", "-d", "--name", "first", "--network", "yours", baseImage, "sleep", "1000");
      await ours("run", "-d", "--name", "second", "--network", "yours", baseImage, "sleep", "1000");
      await theirs("run", "-d", "--name", "third", "--network", "yours", baseImage, "sleep", "1000");
      const addresses = await Promise.all([theirs(...address("first")), ours(...address("second")), theirs(...address("third"))]);
      expect(new Set(addresses).size).toBe(3);
      expect(await theirs("exec", "first", "nslookup", "second.dns.podman")).toContain(addresses[1]);
      expect(await ours("exec", "second", "nslookup", "third.dns.podman")).toContain(addresses[2]);
    });

    it("one goes, the others stay connected", async () => {
      await ours("rm", "-f", "-t", "0", "second");
      const third = await theirs(...address("third"));
      expect(await theirs("exec", "first", "nslookup", "third.dns.podman")).toContain(third);
      await theirs("rm", "-f", "-t", "0", "first", "third");
      expect(await ours("network", "rm", "yours")).toBe("yours");
    });
  },
);
