import fs from "node:fs";
import path from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { describe, expect, it, vi } from "vitest";
import { buildTar } from "../testing/tar-builder.ts";
import { bytesOf, isRoot, tempStore } from "../testing/temp-store.ts";

const IMAGE = "a".repeat(64);
const at = (hostId: number) => {
  const map = [{ containerId: 0, hostId, size: 1000 }];
  return { uidMap: map, gidMap: map };
};

describe.skipIf(!isRoot)("an image's layer with other owners, where mounts cannot shift them (needs root: owners)", () => {
  it.each(["overlay", "vfs"])("has a root of the container's, also where the ids overlap: %s", async (driver) => {
    const temp = tempStore({ driver });
    try {
      const { store } = temp;
      const top = await store.layers.put({}, bytesOf(buildTar([{ name: "own" }])));
      store.images.create({ id: IMAGE, layer: top.id });
      vi.spyOn(linuxSys(), "mountSetattr").mockImplementation(() => {
        throw new Error("no shifted mounts here");
      });
      const { id, layer } = store.containers.create({ image: IMAGE, idMappings: at(1) });
      const root = store.containers.mount(id);
      expect(store.images.get(IMAGE)?.mappedLayers).toEqual([store.layers.get(layer)?.parent]);
      expect([root, path.join(root, "own")].map((file) => fs.statSync(file).uid)).toEqual([1, 1]);
    } finally {
      vi.restoreAllMocks();
      temp.remove();
    }
  });

  it("is made once per map, listed by the image, and goes with it", async () => {
    const temp = tempStore({ driver: "vfs" });
    try {
      const { store } = temp;
      const archive = buildTar([{ name: "own" }, { name: "of-user", uid: 70, gid: 71, mode: 0o4755 }, { name: "far", uid: 5000 }]);
      const top = await store.layers.put({}, bytesOf(archive));
      store.images.create({ id: IMAGE, layer: top.id });
      const first = store.containers.create({ image: IMAGE, idMappings: at(100_000) });
      const second = store.containers.create({ image: IMAGE, idMappings: at(100_000) });
      const third = store.containers.create({ image: IMAGE, idMappings: at(200_000) });
      const root = store.containers.mount(first.id);
      const stat = fs.statSync(path.join(root, "of-user"));
      expect([stat.uid, stat.gid, stat.mode & 0o7777]).toEqual([100_070, 100_071, 0o4755]);
      expect(fs.statSync(root).uid).toBe(100_000);
      expect(fs.statSync(path.join(root, "far")).uid).toBe(5000);
      expect(fs.statSync(path.join(store.containers.mount(third.id), "own")).uid).toBe(200_000);
      const parents = [first, second, third].map(({ layer }) => store.layers.get(layer)?.parent);
      expect(store.images.get(IMAGE)?.mappedLayers).toEqual([parents[0], parents[2]]);
      expect(parents[1]).toBe(parents[0]);
      for (const { id } of [first, second, third]) {
        store.containers.unmount(id, true);
        store.containers.remove(id);
      }
      store.images.remove(IMAGE);
      expect(store.layers.list()).toEqual([]);
    } finally {
      temp.remove();
    }
  });
});
