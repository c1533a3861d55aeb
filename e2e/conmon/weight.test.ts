/** What a monitor costs and what it keeps: memory of fifty, speed of the log, and the log of one that was killed. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { baseImage, buildBaseImage } from "../harness/base-image.ts";
import { originalPath, toolPath } from "../harness/binaries.ts";
import { eventually, patience } from "../harness/eventually.ts";
import { limited } from "../harness/limits.ts";
import { createWorld, type World } from "../harness/world.ts";

const originalConmon = originalPath("conmon");
const MONITORS = 50;
const LIMIT_KB = 4 * 1024;

describe("monitors", () => {
  let world: World;

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const start = (name: string, ...command: string[]) =>
    world.podman("run", "-d", "--name", name, "--network", "none", baseImage, ...command);

  it(`use at most 4 MB of private memory each with ${MONITORS} running`, async () => {
    for (let begun = 0; begun < MONITORS; begun += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, index) => start(`idle-${begun + index}`, "sleep", "1000")));
    }
    const listed = JSON.parse(await world.podman("inspect", ...Array.from({ length: MONITORS }, (_, index) => `idle-${index}`)));
    const pids = (listed as { State: { ConmonPid: number } }[]).map(({ State }) => State.ConmonPid);
    expect(new Set(pids).size).toBe(MONITORS);
    const dirty = pids.map((pid) => Number(/^Private_Dirty:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]));
    console.log(`private dirty memory of ${MONITORS} monitors: ${Math.min(...dirty)} to ${Math.max(...dirty)} kB`);
    expect(Math.max(...dirty)).toBeLessThanOrEqual(LIMIT_KB);
    await world.ok("podman", ["rm", "-f", "-a", "-t", "0"], { timeout: 120_000 });
  });

  const oom = limited("tell that the container's child was killed for want of memory, also when that was its end");
  it.skipIf(oom.skip)(oom.title, async () => {
    for (const afterwards of ["true", "sleep 1"]) {
      const script = `tail /dev/zero; ${afterwards}`;
      await world.ok("podman", ["run", "--name", "hungry", "--network", "none", "--memory", "16m", baseImage, "sh", "-c", script]);
      expect(await world.podman("inspect", "--format", "{{.State.OOMKilled}}", "hungry")).toBe("true");
      await world.podman("rm", "hungry");
    }
  });

  it.skipIf(originalConmon === undefined)("log at least half as fast as the original (needs conmon)", async () => {
    const line = "x".repeat(79);
    const seconds = async (conmon: string): Promise<number> => {
      const begin = performance.now();
      const script = `yes ${line} | head -c 300000000`;
      await world.podman("--conmon", conmon, "run", "-d", "--name", "chatty", "--network", "none", baseImage, "sh", "-c", script);
      expect(await world.podman("wait", "chatty")).toBe("0");
      const elapsed = (performance.now() - begin) / 1000;
      await world.podman("rm", "chatty");
      return elapsed;
    };
    const ours: number[] = [];
    const theirs: number[] = [];
    // The best of a few: the machine may have been busy with something else.
    for (let round = 0; round < 2 || (round < 6 && Math.min(...ours) >= 2 * Math.min(...theirs)); round++) {
      ours.push(await seconds(toolPath("conmon")));
      theirs.push(await seconds(originalConmon ?? ""));
    }
    console.log(`300 MB of log: ours ${ours.map((s) => s.toFixed(2))} s, the original ${theirs.map((s) => s.toFixed(2))} s`);
    expect(Math.min(...ours)).toBeLessThan(2 * Math.min(...theirs));
  });

  it("lose nothing that was logged when they are killed, and podman notices", async () => {
    await start("doomed", "sh", "-c", "i=0; while true; do i=$((i+1)); echo line $i; done");
    const logged = () => world.podman("logs", "doomed");
    await expect.poll(async () => (await logged()).split("\n").length, patience).toBeGreaterThan(100);
    const [monitor, pid] = (await world.podman("inspect", "--format", "{{.State.ConmonPid}} {{.State.Pid}}", "doomed"))
      .split(" ")
      .map(Number);
    const path = await world.podman("inspect", "--format", "{{.HostConfig.LogConfig.Path}}", "doomed");
    const before = readFileSync(path, "utf8").lastIndexOf("\n");
    process.kill(monitor ?? 0, "SIGKILL");
    // Nobody reads its output any more, so it ends by SIGPIPE or is ended here.
    await eventually(() => !isRunning(monitor ?? 0), "the monitor's end");
    const kept = readFileSync(path, "utf8");
    expect(kept.length).toBeGreaterThanOrEqual(before);
    const numbers = kept.split("\n").flatMap((line) => / stdout F line (\d+)$/.exec(line)?.[1] ?? []);
    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers.every((number, index) => Number(number) === index + 1)).toBe(true);
    const shown = (await logged()).split("\n");
    expect(shown.slice(0, numbers.length).every((line, index) => line === `line ${index + 1}`)).toBe(true);
    try {
      process.kill(pid ?? 0, "SIGKILL");
    } catch {
      // Ended already.
    }
    await expect.poll(() => world.podman("ps", "-a", "--format", "{{.Names}} {{.State}}"), patience).toBe("doomed exited");
    await world.podman("start", "doomed");
    expect(await world.podman("ps", "--format", "{{.Names}}")).toBe("doomed");
    await world.podman("rm", "-f", "-t", "0", "doomed");
  });

  it("take the container along when they are killed: nobody would read its output or how it ends", async () => {
    await start("quiet", "sleep", "1000");
    const [pid, monitor] = (await world.podman("inspect", "--format", "{{.State.Pid}} {{.State.ConmonPid}}", "quiet"))
      .split(" ")
      .map(Number);
    process.kill(monitor ?? 0, "SIGKILL");
    expect(await world.podman("ps", "--format", "{{.Names}}")).toBe("");
    expect(isRunning(pid ?? 0)).toBe(false);
    expect(await world.podman("ps", "-a", "--format", "{{.Names}} {{.State}}")).toBe("quiet exited");
    await world.podman("start", "quiet");
    expect(await world.podman("exec", "quiet", "echo", "alive")).toBe("alive");
    await world.podman("rm", "-f", "-t", "0", "quiet");
  });
});

/** Not for one that was killed and waits to be collected. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
