import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../open-store.ts";
import { isRoot, type TempStore, tempStore } from "../testing/temp-store.ts";

describe.skipIf(!isRoot)("containers of a transient store and others in one place (needs root: owners)", () => {
  let temp: TempStore;
  beforeEach(() => {
    temp = tempStore();
  });
  afterEach(() => temp.remove());

  const transient = () =>
    openStore({
      graphRoot: path.join(temp.directory, "graph"),
      runRoot: path.join(temp.directory, "run"),
      driver: "overlay",
      driverOptions: [],
      transientStore: true,
    });
  const layersOf = (): string[] => fs.readdirSync(path.join(temp.directory, "graph/overlay")).filter((name) => /^[0-9a-f]{64}$/.test(name));

  it("are not each other's garbage, and garbage once a reboot took their records", () => {
    const lasting = temp.store.containers.create({ volatile: true });
    const passing = transient().containers.create({});
    transient().containers.directory(passing.id);
    temp.reopen().collectGarbage();
    transient().collectGarbage();
    expect(layersOf().sort()).toEqual([lasting.layer, passing.layer].sort());
    fs.rmSync(path.join(temp.directory, "run"), { recursive: true });
    const garbage = transient().collectGarbage();
    expect(garbage).toMatchObject({ layers: [passing.layer], containers: [passing.id] });
    expect(layersOf()).toEqual([lasting.layer]);
    expect(temp.reopen().containers.list()).toHaveLength(1);
  });
});
