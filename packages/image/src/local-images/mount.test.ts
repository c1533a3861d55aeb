import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRoot, tempStore } from "@containers/storage/testing/temp-store";
import { describe, expect, test } from "vitest";
import { tarOf } from "../testing/random-image.ts";
import { imageChanges } from "./diff.ts";
import { importImage } from "./import.ts";
import { mountedImages, mountImages, unmountImages } from "./mount.ts";

describe.skipIf(!isRoot)("looking into images (mounting needs root)", () => {
  test("mounts are counted, listed and taken back; changes are told", async () => {
    const place = tempStore();
    const directory = mkdtempSync(join(tmpdir(), "mount-"));
    try {
      const images = { store: place.store, registry: {} };
      writeFileSync(join(directory, "one.tar"), tarOf("file", Buffer.from("content")));
      const id = await importImage(images, join(directory, "one.tar"), { name: "localhost/one:1" });
      expect(mountedImages(images)).toEqual([]);
      const [mounted] = mountImages(images, ["localhost/one:1"]);
      mountImages(images, undefined);
      expect(readdirSync(mounted?.path ?? "")).toEqual(["file"]);
      expect(mountedImages(images)).toMatchObject([{ id, tags: ["localhost/one:1"], path: mounted?.path }]);
      expect(unmountImages(images, [id])).toEqual([id]);
      expect(mountedImages(images)).toHaveLength(1);
      expect(unmountImages(images, undefined, true)).toEqual([id]);
      expect(unmountImages(images, [id])).toEqual([]);
      expect(await imageChanges(images, id)).toEqual([{ kind: "A", path: "/file" }]);
      expect(() => mountImages(images, ["localhost/nosuch"])).toThrow("localhost/nosuch: image not known");
    } finally {
      place.remove();
      rmSync(directory, { recursive: true });
    }
  });
});
