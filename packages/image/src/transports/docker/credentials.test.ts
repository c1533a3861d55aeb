import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type RegistryServer, startRegistryServer } from "../../testing/registry-server.ts";
import { parseImageName } from "../register.ts";

let directory = "";
let elsewhere: RegistryServer;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), "credentials-"));
  elsewhere = await startRegistryServer({ auth: { kind: "basic", username: "u", password: "p" } });
});
afterEach(async () => {
  await elsewhere.close();
  rmSync(directory, { recursive: true });
});

test.each([
  ["a mirror", (host: string) => `[[registry]]\nlocation = "127.0.0.1:1"\n[[registry.mirror]]\nlocation = "${host}"\ninsecure = true\n`],
  ["another location", (host: string) => `[[registry]]\nprefix = "127.0.0.1:1"\nlocation = "${host}"\ninsecure = true\n`],
])("credentials for one host are never sent to %s", async (_, configuration) => {
  writeFileSync(join(directory, "registries.conf"), configuration(elsewhere.host));
  const registry = {
    credentials: { username: "u", password: "p" },
    registriesConfPath: join(directory, "registries.conf"),
    registriesConfDir: directory,
    authFile: join(directory, "auth.json"),
  };
  await expect(parseImageName("docker://127.0.0.1:1/x:1").openSource({ registry })).rejects.toThrow();
  expect(elsewhere.requests.length).toBeGreaterThan(0);
  expect(elsewhere.requests.filter((request) => request.headers.authorization !== undefined)).toEqual([]);
});
