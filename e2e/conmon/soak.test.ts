/**
 * Constant output with clients that come and go: no byte is lost, doubled or out of place, and the monitors' memory does not grow. E2E_SOAK_SECONDS and
 * E2E_SOAK_ATTACHES make it an hour with a thousand clients (E2E_TMPDIR on a disk with a few GB, E2E_BIN for a build that stays); E2E_SOAK_SEED for other visits.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildBaseImage } from "../harness/base-image.ts";
import { randomNumbers } from "../harness/random.ts";
import {
  attachFor,
  type ClientKind,
  endSoak,
  lastLines,
  type MemorySample,
  monitorMemory,
  readLog,
  type SoakedContainer,
  type SoakSettings,
  startSoaked,
} from "../harness/soak.ts";
import { createWorld, type World } from "../harness/world.ts";

const SECONDS = Number(process.env.E2E_SOAK_SECONDS ?? 3);
const ATTACHES = Number(process.env.E2E_SOAK_ATTACHES ?? 8);
const SEED = Number(process.env.E2E_SOAK_SEED ?? 1);
const LONG = SECONDS >= 300;
const SAMPLES = LONG ? Math.round(SECONDS / 60) : 4;
const SETTINGS: SoakSettings = LONG
  ? { floodEvery: 200, floodLines: 50_000, logSize: 8_000_000 }
  : { floodEvery: 5, floodLines: 5_000, logSize: 200_000 };
const KINDS: readonly ClientKind[] = ["quick", "slow", "frozen", "killed"];
/** What a monitor may hold in the midst of a flood with slow clients, and how much more in the last third than in the second. */
const MOST_DIRTY_KB = 16 * 1024;
const MOST_GROWTH_KB = 1024;

describe(`${SECONDS} seconds of output, ${ATTACHES} clients`, () => {
  let world: World;
  let containers: SoakedContainer[] = [];
  const samples = new Map<string, MemorySample[]>();

  beforeAll(async () => {
    world = await createWorld();
    await buildBaseImage(world);
  });
  afterAll(async () => {
    await world?.destroy();
  });

  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const visitAll = async (): Promise<{ lines: number; problem?: string }[]> => {
    const random = randomNumbers(SEED);
    const visits: Promise<{ lines: number; problem?: string }>[] = [];
    for (let count = 0; count < ATTACHES; count++) {
      const container = containers[count % containers.length]?.name ?? "";
      const kind = KINDS[Math.floor(random() * KINDS.length)] ?? "quick";
      const longest = !LONG ? 1000 : kind === "frozen" ? 12_000 : 6000;
      visits.push(attachFor(world, container, { kind, milliseconds: random() * longest }));
      await pause((SECONDS * 1000) / ATTACHES);
    }
    return Promise.all(visits);
  };

  const sampleAll = async (): Promise<void> => {
    for (let count = 0; count < SAMPLES; count++) {
      await pause((SECONDS * 1000) / SAMPLES);
      for (const { name } of containers) samples.set(name, [...(samples.get(name) ?? []), await monitorMemory(world, name)]);
    }
  };

  it("loses, doubles and misplaces nothing, and does not grow", { timeout: SECONDS * 1000 + 300_000 }, async () => {
    containers = [await startSoaked(world, "limited", SETTINGS), await startSoaked(world, "rotated", SETTINGS)];
    containers.push(await startSoaked(world, "plain", SETTINGS));
    await expect.poll(() => world.podman("ps", "-q", "--no-trunc").then((ids) => ids.split("\n").length), { timeout: 30_000 }).toBe(3);
    const [visits] = await Promise.all([visitAll(), sampleAll()]);
    await endSoak(world, containers);
    console.log(memoryTable(samples));
    console.log(`${visits.filter(({ lines }) => lines > 0).length} of ${visits.length} clients saw ${sum(visits)} lines`);
    expect(visits.flatMap(({ problem }) => problem ?? [])).toEqual([]);
    for (const container of containers) await checkContainer(container);
    for (const [name, list] of LONG ? samples : []) expect(growth(list), `growth of ${name} in kB`).toBeLessThan(MOST_GROWTH_KB);
    const most = Math.max(...[...samples.values()].flat().map((sample) => sample.privateDirty));
    expect(most).toBeLessThan(MOST_DIRTY_KB);
  });

  const checkContainer = async (container: SoakedContainer): Promise<void> => {
    const end = lastLines(world, container.name);
    const { log, files, bytes } = await readLog(world, container);
    console.log(`${container.name}: ${end.stdout} lines; log: ${log.stdout.lines} lines, ${files} files, ${bytes} bytes`);
    expect({ name: container.name, stdout: log.stdout.problem, stderr: log.stderr.problem, torn: log.torn }).toEqual({
      name: container.name,
      torn: 0,
    });
    expect([log.stdout.last, log.stderr.lines === 0 ? end.stderr : log.stderr.last]).toEqual([end.stdout, end.stderr]);
    if (container.keeping === "limited") expect(bytes).toBeLessThanOrEqual(SETTINGS.logSize);
    if (container.keeping === "rotated" && end.stdout > 10_000) expect(files).toBeGreaterThan(1);
    if (container.foreground === undefined) return;
    const { stdout, stderr } = container.foreground;
    expect([stdout.problem, stderr.problem, stdout.last, stderr.last]).toEqual([undefined, undefined, end.stdout, end.stderr]);
  };
});

function sum(visits: readonly { lines: number }[]): number {
  return visits.reduce((total, { lines }) => total + lines, 0);
}

/** How much more private memory the samples of the last third show than those of the second, by their medians. */
function growth(list: readonly MemorySample[]): number {
  const third = Math.floor(list.length / 3);
  const median = (part: readonly MemorySample[]) => {
    const sorted = part.map((sample) => sample.privateDirty).sort((one, other) => one - other);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  return median(list.slice(-third)) - median(list.slice(third, -third));
}

function memoryTable(samples: ReadonlyMap<string, readonly MemorySample[]>): string {
  return [...samples]
    .map(([name, list]) => {
      const column = (key: keyof MemorySample) => list.map((sample) => sample[key]).join(" ");
      return `${name}, kB: private dirty ${column("privateDirty")}\n  PSS ${column("pss")}\n  RSS ${column("rss")}`;
    })
    .join("\n");
}
