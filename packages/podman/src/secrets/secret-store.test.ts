import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { openSecretStore } from "./secret-store.ts";

it("what a command left that was killed while it wrote goes with the next that writes", () => {
  const directory = mkdtempSync(`${tmpdir()}/secrets-`);
  const left = [`${directory}/.tmp-secrets.json-locked`, `${directory}/filedriver/.tmp-secretsdata.json-locked`];
  try {
    mkdirSync(`${directory}/filedriver`);
    for (const path of left) writeFileSync(path, "half");
    const store = openSecretStore(directory);
    store.create({ name: "one", data: Buffer.from("data"), driver: "file", driverOptions: {}, labels: {} });
    expect(left.filter((path) => existsSync(path))).toEqual([]);
    expect(store.readData(store.find("one")).toString()).toBe("data");
  } finally {
    rmSync(directory, { recursive: true });
  }
});
