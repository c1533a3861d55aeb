import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LayerRecord } from "../store.ts";
import { buildTar, type TarPart } from "../testing/tar-builder.ts";
import { bytesOf, collect, type TempStore, tempStore } from "../testing/temp-store.ts";

/** What every driver must do, seen through a store that uses it. */
export function driverConformance(driver: string): void {
  let temp: TempStore;
  beforeEach(() => {
    temp = tempStore({ driver });
  });
  afterEach(() => temp.remove());

  const put = (parent: string | undefined, parts: readonly TarPart[]): Promise<LayerRecord> =>
    temp.store.layers.put({ parent }, bytesOf(buildTar(parts)));
  const base = (): Promise<LayerRecord> =>
    put(undefined, [
      { name: "etc/" },
      { name: "etc/hosts", content: "base hosts" },
      { name: "etc/passwd", content: "base passwd" },
      { name: "var/" },
      { name: "var/log/" },
      { name: "var/log/one", content: "1" },
      { name: "var/log/two", content: "2" },
    ]);
  const mounted = <T>(id: string, action: (root: string) => T): T => {
    const root = temp.store.layers.mount(id);
    try {
      return action(root);
    } finally {
      temp.store.layers.unmount(id);
    }
  };

  describe(`driver ${driver}`, () => {
    it("shows a layer's files on top of its parents'", async () => {
      const lower = await base();
      const upper = await put(lower.id, [
        { name: "etc/hosts", content: "new hosts" },
        { name: "new", content: "n" },
      ]);
      mounted(upper.id, (root) => {
        expect(fs.readFileSync(path.join(root, "etc/hosts"), "utf8")).toBe("new hosts");
        expect(fs.readFileSync(path.join(root, "etc/passwd"), "utf8")).toBe("base passwd");
        expect(fs.readFileSync(path.join(root, "new"), "utf8")).toBe("n");
        expect(fs.statSync(root).mode & 0o7777).toBe(0o555);
      });
    });

    it("hides what whiteouts and opaque marks delete", async () => {
      const lower = await base();
      const upper = await put(lower.id, [
        { name: "etc/.wh.passwd" },
        { name: "var/log/" },
        { name: "var/log/three", content: "3" },
        { name: "var/log/.wh..wh..opq" },
      ]);
      mounted(upper.id, (root) => {
        expect(fs.readdirSync(path.join(root, "etc"))).toEqual(["hosts"]);
        expect(fs.readdirSync(path.join(root, "var/log"))).toEqual(["three"]);
      });
    });

    it("gives a layer back byte for byte, whatever stands on it", async () => {
      const parts: TarPart[] = [
        { name: "var/" },
        { name: "var/log/" },
        { name: "var/log/.wh.one" },
        { name: "var/log/two", content: "changed" },
      ];
      const lower = await base();
      const upper = await put(lower.id, parts);
      await put(upper.id, [{ name: "var/log/two", content: "changed again" }]);
      expect((await collect(temp.store.layers.diff(upper.id))).equals(buildTar(parts))).toBe(true);
    });

    it("makes an archive of what a container changed, which makes the same files again", async () => {
      const lower = await base();
      const container = temp.store.layers.create({ parent: lower.id });
      mounted(container.id, (root) => {
        fs.writeFileSync(path.join(root, "etc/hosts"), "changed");
        fs.rmSync(path.join(root, "etc/passwd"));
        fs.rmSync(path.join(root, "var/log"), { recursive: true });
        fs.mkdirSync(path.join(root, "var/log"));
        fs.writeFileSync(path.join(root, "var/log/fresh"), "f");
        fs.linkSync(path.join(root, "var/log/fresh"), path.join(root, "var/log/linked"));
      });
      const changes = await temp.store.layers.changes(container.id);
      const of = (kind: string): string[] => changes.filter((change) => change.kind === kind).map((change) => change.path);
      expect(of("D")).toContain("/etc/passwd");
      expect(of("C")).toContain("/etc/hosts");
      expect(of("A")).toEqual(expect.arrayContaining(["/var/log/fresh", "/var/log/linked"]));
      const archive = await collect(temp.store.layers.diff(container.id));
      const copy = await temp.store.layers.put({ parent: lower.id }, bytesOf(archive));
      mounted(copy.id, (root) => {
        expect(fs.readdirSync(path.join(root, "etc"))).toEqual(["hosts"]);
        expect(fs.readFileSync(path.join(root, "etc/hosts"), "utf8")).toBe("changed");
        expect(fs.readdirSync(path.join(root, "var/log")).sort()).toEqual(["fresh", "linked"]);
        expect(fs.statSync(path.join(root, "var/log/fresh")).ino).toBe(fs.statSync(path.join(root, "var/log/linked")).ino);
      });
    });

    it("compares with a layer further down", async () => {
      const lower = await base();
      const middle = await put(lower.id, [{ name: "middle", content: "m" }]);
      const upper = await put(middle.id, [{ name: "upper", content: "u" }]);
      const changes = await temp.store.layers.changes(upper.id, lower.id);
      expect(changes.map((change) => `${change.kind} ${change.path}`)).toEqual(["A /middle", "A /upper"]);
      expect((await collect(temp.store.layers.diff(upper.id, { parent: lower.id }))).includes("middle")).toBe(true);
    });

    it("counts mounts, and unmounts with the last", async () => {
      const lower = await base();
      const container = temp.store.layers.create({ parent: lower.id });
      const root = temp.store.layers.mount(container.id);
      expect(temp.reopen().layers.mount(container.id)).toBe(root);
      expect(temp.store.layers.unmount(container.id)).toBe(false);
      expect(fs.existsSync(path.join(root, "etc/hosts"))).toBe(true);
      expect(temp.store.layers.mountPoint(container.id)).toBe(root);
      expect(temp.store.layers.unmount(container.id)).toBe(true);
      expect(temp.store.layers.mountPoint(container.id)).toBeUndefined();
      expect(temp.store.layers.unmount(container.id)).toBe(true);
    });

    it("removes a layer with all its files, mounted or not, and not one that others stand on", async () => {
      const lower = await base();
      const container = temp.store.layers.create({ parent: lower.id });
      temp.store.layers.mount(container.id);
      expect(() => temp.store.layers.remove(lower.id)).toThrow(/used by layer/);
      temp.store.layers.remove(container.id);
      temp.store.layers.remove(lower.id);
      expect(temp.store.layers.list()).toEqual([]);
      expect(leftovers(path.join(temp.directory, "graph", driver))).toEqual([]);
      expect(fs.readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(container.id);
    });

    it("takes staged layers in any order of arrival", async () => {
      const above = await temp.store.layers.stage({}, bytesOf(buildTar([{ name: "etc/hosts", content: "above" }])));
      const below = await temp.store.layers.stage({}, bytesOf(buildTar([{ name: "etc/" }, { name: "etc/hosts", content: "below" }])));
      const lower = temp.store.layers.putStaged({}, below);
      const upper = temp.store.layers.putStaged({ parent: lower.id }, above);
      above.discard();
      below.discard();
      mounted(upper.id, (root) => expect(fs.readFileSync(path.join(root, "etc/hosts"), "utf8")).toBe("above"));
    });

    it("collects files that no record knows", async () => {
      const lower = await base();
      const records = path.join(temp.directory, "graph", `${driver}-layers`, "layers.json");
      fs.writeFileSync(records, "[]");
      expect(temp.store.collectGarbage().layers).toEqual([lower.id]);
      expect(leftovers(path.join(temp.directory, "graph", driver))).toEqual([]);
    });
  });
}

/** Files and directories of a driver's directory that belong to layers or to their making. */
function leftovers(home: string): string[] {
  return (fs.readdirSync(home, { recursive: true }) as string[]).filter(
    (name) => !["l", "tempdirs", "dir", ".has-mount-program"].includes(name),
  );
}
