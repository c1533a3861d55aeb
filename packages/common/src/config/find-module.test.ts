import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { findModule } from "./find-module.ts";

const systemRoot = mkdtempSync(join(tmpdir(), "modules-"));
const below = "containers/containers.conf.modules";
const env = { HOME: systemRoot, XDG_CONFIG_HOME: join(systemRoot, "config") };

beforeAll(() => {
  for (const place of [`etc/${below}`, `usr/share/${below}`, `config/${below}`]) mkdirSync(join(systemRoot, place), { recursive: true });
  for (const file of [
    `etc/${below}/both.conf`,
    `usr/share/${below}/both.conf`,
    `usr/share/${below}/shared.conf`,
    `config/${below}/both.conf`,
  ])
    writeFileSync(join(systemRoot, file), "");
});
afterAll(() => rmSync(systemRoot, { recursive: true }));

it("finds a name in the first directory that has it, the user's before all for a user", () => {
  expect(findModule("both.conf", { systemRoot, env, rootless: false })).toBe(join(systemRoot, "etc", below, "both.conf"));
  expect(findModule("both.conf", { systemRoot, env, rootless: true })).toBe(join(systemRoot, "config", below, "both.conf"));
  expect(findModule("shared.conf", { systemRoot, env, rootless: true })).toBe(join(systemRoot, "usr/share", below, "shared.conf"));
});

it("takes a path as it is", () => {
  const path = join(systemRoot, "etc", below, "both.conf");
  expect(findModule(path, { systemRoot: "/elsewhere", rootless: false })).toBe(path);
});

it("says where it looked", () => {
  expect(() => findModule("/no/such,file")).toThrow(
    'could not resolve module "/no/such,file": faccessat /no/such,file: no such file or directory',
  );
  expect(() => findModule("none", { systemRoot, env, rootless: false })).toThrow(
    /could not resolve module "none": 2 errors occurred:\n\t\* faccessat .*etc/,
  );
});
