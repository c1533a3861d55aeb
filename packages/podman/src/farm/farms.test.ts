import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { addConnection, removeConnection } from "../remote/destinations.ts";
import { createFarm, findFarm, listFarms, removeFarms, updateFarm } from "./farms.ts";

const config = { farms: { default: "", list: { configured: ["x"] } } };
let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "farms-"));
  vi.stubEnv("PODMAN_CONNECTIONS_CONF", join(directory, "connections.json"));
  for (const name of ["one", "two"]) addConnection(name, { URI: `unix:///${name}` }, { isDefault: false });
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true });
});

test("farms are made of connections, changed, listed and removed", () => {
  createFarm("b", ["one", "one"]);
  createFarm("a", []);
  expect(() => createFarm("a", [])).toThrow('farm with name "a" already exists');
  expect(() => createFarm("c", ["three"])).toThrow('cannot create farm, "three" is not a system connection');
  updateFarm("a", { add: ["two"], remove: [] });
  updateFarm("b", { add: ["two"], remove: ["one"], isDefault: true });
  expect(() => updateFarm("b", { add: [], remove: ["one"] })).toThrow('cannot remove from farm, "one" is not a connection in the farm');
  expect(listFarms(config)).toEqual([
    { Name: "a", Connections: ["two"], Default: false, ReadWrite: true },
    { Name: "b", Connections: ["two"], Default: true, ReadWrite: true },
    { Name: "configured", Connections: ["x"], Default: false, ReadWrite: false },
  ]);
  expect(findFarm(config, "")?.Name).toBe("b");
  expect(() => findFarm(config, "nobody")).toThrow('farm "nobody" not found');
  const warnings: string[] = [];
  expect(removeFarms(["b", "z"], (message) => warnings.push(message))).toEqual(["b"]);
  expect(warnings).toEqual([`farm "z" doesn't exist; nothing to remove`]);
  expect(findFarm(config, "")?.Name).toBe("a");
  removeConnection("two");
  expect(findFarm(config, "a")?.Connections).toEqual([]);
  removeFarms("all", () => {});
  expect(() => removeFarms(["a"], () => {})).toThrow("no existing farms; nothing to remove");
  expect(JSON.parse(readFileSync(join(directory, "connections.json"), "utf8"))).toMatchObject({ Farm: {} });
});
