import { type ChildProcess, spawn } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Store } from "./store.ts";
import { buildTar } from "./testing/tar-builder.ts";
import { bytesOf, collect, isRoot, type TempStore, tempStore, unmountBelow } from "./testing/temp-store.ts";

const WORKER = path.join(import.meta.dirname, "testing/store-worker.ts");

let temp: TempStore;
beforeEach(() => {
  temp = tempStore();
});
afterEach(() => temp.remove());

function worker(task: string, count: number, name: string): { child: ChildProcess; ended: Promise<string> } {
  const child = spawn(
    process.execPath,
    [WORKER, path.join(temp.directory, "graph"), path.join(temp.directory, "run"), task, String(count), name],
    {
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  child.stdout?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, ended: new Promise((resolve) => child.once("close", () => resolve(output))) };
}

/** The store holds together: everything listed is complete, and nothing else is there. */
async function expectConsistent(store: Store): Promise<void> {
  const layers = store.layers.list();
  const ids = layers.map((layer) => layer.id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const layer of layers) {
    if (layer.parent !== undefined) expect(ids).toContain(layer.parent);
    expect(fs.existsSync(store.layers.diffPath(layer.id))).toBe(true);
    if (layer.diffDigest !== undefined) expect((await collect(store.layers.diff(layer.id))).length).toBe(layer.diffSize ?? -1);
  }
  for (const image of store.images.list()) {
    if (image.layer !== undefined) expect(ids).toContain(image.layer);
    for (const key of image.bigDataNames) expect(store.images.bigData(image.id, key)).toHaveLength(image.bigDataSizes[key] ?? -1);
  }
  for (const container of store.containers.list()) expect(ids).toContain(container.layer);
  expect(store.collectGarbage()).toMatchObject({ layers: [], images: [], containers: [] });
  expect(fs.readdirSync(path.join(temp.directory, "graph/overlay/tempdirs"))).toEqual([]);
  expect(fs.readdirSync(path.join(temp.directory, "graph/overlay/l"))).toHaveLength(layers.length);
}

async function baseImage(): Promise<string> {
  const layer = await temp.store.layers.put({}, bytesOf(buildTar([{ name: "bin/" }, { name: "bin/sh", content: "#!" }])));
  return temp.store.images.create({ id: layer.id, names: ["localhost/base:1"], layer: layer.id }).id;
}

describe.skipIf(!isRoot)("several processes at once (needs root: mounts)", () => {
  it("lose none of each other's changes", async () => {
    await baseImage();
    const workers = [
      worker("keep", 12, "a"),
      worker("keep", 12, "b"),
      worker("put", 6, "c"),
      worker("name", 25, "d"),
      worker("volatile", 12, "e"),
    ];
    expect(await Promise.all(workers.map((one) => one.ended))).toEqual(workers.map(() => "done\n"));
    const { store } = temp;
    expect(store.containers.list()).toHaveLength(24);
    expect(store.images.list()).toHaveLength(7);
    expect(store.images.list().flatMap((image) => image.names)).toHaveLength(1 + 6 + 25);
    await expectConsistent(store);
  }, 60_000);

  it("see each other's changes without being opened again", async () => {
    const other = temp.reopen();
    expect(other.images.list()).toEqual([]);
    const id = await baseImage();
    expect(other.images.get(id)?.names).toEqual(["localhost/base:1"]);
    other.images.setNames(id, ["localhost/other:1"]);
    expect(temp.store.images.get(id)?.namesHistory).toEqual(["localhost/other:1", "localhost/base:1"]);
  });
});

describe.skipIf(!isRoot)("a process killed at any moment (needs root: mounts)", () => {
  for (const task of ["put", "volatile", "keep"]) {
    it(`while it does ${task}: the next finds a whole store and the space free`, async () => {
      await baseImage();
      for (let round = 0; round < 8; round++) {
        const { child, ended } = worker(task, 100, `r${round}x`);
        await new Promise((resolve) => setTimeout(resolve, 60 + round * 23));
        child.kill("SIGKILL");
        await ended;
        const store = temp.reopen();
        store.layers.list();
        for (const layer of store.layers.list()) if (store.layers.mountPoint(layer.id) !== undefined) store.layers.unmount(layer.id, true);
        await expectOnlyStrayLayers(store);
      }
    }, 60_000);
  }

  async function expectOnlyStrayLayers(store: Store): Promise<void> {
    await expectConsistent(store);
    for (const container of store.containers.list()) {
      store.containers.mount(container.id);
      store.containers.remove(container.id);
    }
    await expectConsistent(store);
  }
});

describe.skipIf(!isRoot)("a full disk (needs root: a small tmpfs)", () => {
  it("fails clearly, leaves nothing, and what was there works", async () => {
    const small = fs.mkdtempSync(path.join(temp.directory, "small-"));
    linuxSys().mount("tmpfs", small, "tmpfs", 0, "size=6m");
    const full = tempStore({ parent: small });
    try {
      const parts = Array.from({ length: 40 }, (_, index) => ({ name: `file${index}`, content: Buffer.alloc(300_000, index) }));
      const kept = await full.store.layers.put({}, bytesOf(buildTar(parts.slice(0, 3))));
      const used = fs.statfsSync(small).bfree;
      await expect(full.store.layers.put({ parent: kept.id }, bytesOf(buildTar(parts)))).rejects.toMatchObject({
        code: "no-space",
        message: expect.stringContaining("no space left on device"),
      });
      expect(fs.statfsSync(small).bfree).toBe(used);
      expect(full.store.layers.list()).toHaveLength(1);
      expect((await collect(full.store.layers.diff(kept.id))).length).toBe(kept.diffSize ?? 0);
      fs.writeFileSync(path.join(small, "filler"), Buffer.alloc(5_200_000 - (6_000_000 - used * 4096)));
      try {
        for (let index = 0; index < 5000; index++) full.store.containers.create({ names: [`c${index}`] });
        expect.unreachable("the disk must be full by now");
      } catch (error) {
        expect(String(error)).toMatch(/space/i);
      }
      fs.rmSync(path.join(small, "filler"));
      const again = full.reopen();
      for (const container of again.containers.list()) again.containers.remove(container.id);
      expect(again.layers.list()).toHaveLength(1);
    } finally {
      full.remove();
      unmountBelow(temp.directory);
    }
  }, 60_000);
});
