import fs from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { buildTar } from "../../testing/tar-builder.ts";
import { bytesOf, isRoot, tempStore } from "../../testing/temp-store.ts";
import { driverConformance } from "../conformance.ts";

describe.skipIf(!isRoot)("overlay (needs root: mounts)", () => {
  driverConformance("overlay");

  it("mounts more layers than fit into one page of options", async () => {
    const temp = tempStore();
    try {
      let parent: string | undefined;
      for (let index = 0; index < 130; index++) {
        parent = (await temp.store.layers.put({ parent }, bytesOf(buildTar([{ name: `file${index}`, content: String(index) }])))).id;
      }
      const container = temp.store.layers.create({ parent });
      const root = temp.store.layers.mount(container.id);
      expect(fs.readdirSync(root)).toHaveLength(130);
      fs.writeFileSync(path.join(root, "written"), "w");
    } finally {
      temp.remove();
    }
  }, 60_000);

  it("shifts owners for a container with id maps, and back for its archive", async () => {
    const temp = tempStore();
    try {
      const base = await temp.store.layers.put({}, bytesOf(buildTar([{ name: "root-file" }, { name: "user-file", uid: 1000, gid: 1000 }])));
      const lower = await temp.store.layers.put({ parent: base.id }, bytesOf(buildTar([{ name: "upper-file", uid: 5 }])));
      temp.store.images.create({ id: "a".repeat(64), layer: lower.id });
      const range = [{ containerId: 0, hostId: 100_000, size: 65_536 }];
      const container = temp.store.containers.create({ image: "a".repeat(64), idMappings: { uidMap: range, gidMap: range } });
      const root = temp.store.containers.mount(container.id);
      const owner = (name: string): number => fs.statSync(path.join(root, name)).uid;
      expect(["", "root-file", "user-file", "upper-file"].map(owner)).toEqual([100_000, 100_000, 101_000, 100_005]);
      fs.writeFileSync(path.join(root, "new"), "n");
      fs.chownSync(path.join(root, "new"), 100_007, 100_000);
      const mountPoints = fs
        .readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .map((line) => line.split(" ")[4] ?? "");
      expect(mountPoints.filter((target) => target.includes(`${container.layer}/mapped`))).toEqual([]);
      temp.store.containers.unmount(container.id);
      const archive = await temp.store.layers.put({}, temp.store.layers.diff(container.layer));
      expect(fs.statSync(path.join(temp.store.layers.diffPath(archive.id), "new")).uid).toBe(7);
    } finally {
      temp.remove();
    }
  });

  it("keeps the layout of containers/storage", async () => {
    const temp = tempStore();
    try {
      const lower = await temp.store.layers.put({}, bytesOf(buildTar([{ name: "a" }])));
      const upper = await temp.store.layers.put({ parent: lower.id }, bytesOf(buildTar([{ name: "b" }])));
      const top = temp.store.layers.create({ parent: upper.id });
      const home = path.join(temp.directory, "graph/overlay");
      const read = (id: string, name: string): string => fs.readFileSync(path.join(home, id, name), "utf8");
      const link = read(lower.id, "link");
      expect(link).toMatch(/^[A-Z2-7]{26}$/);
      expect(fs.readlinkSync(path.join(home, "l", link))).toBe(`../${lower.id}/diff`);
      expect(fs.readdirSync(path.join(home, lower.id)).sort()).toEqual(["diff", "empty", "link", "merged", "work"]);
      expect(fs.readdirSync(path.join(home, top.id)).sort()).toEqual(["diff", "link", "lower", "lower-layers", "merged", "work"]);
      expect(read(top.id, "lower")).toBe(`l/${read(upper.id, "link")}:l/${link}`);
      expect(read(top.id, "lower-layers")).toBe(`${upper.id}:${lower.id}`);
      expect(fs.readFileSync(path.join(home, ".has-mount-program"), "utf8")).toBe("false");
      fs.truncateSync(path.join(home, lower.id, "link"));
      expect(read(temp.store.layers.create({ parent: lower.id }).id, "lower")).toBe(`l/${link}`);
      fs.writeFileSync(path.join(home, lower.id, "link"), link);
      fs.rmSync(path.join(home, "l"), { recursive: true });
      expect(fs.readdirSync(temp.store.layers.mount(top.id)).sort()).toEqual(["a", "b"]);
    } finally {
      temp.remove();
    }
  });
});
