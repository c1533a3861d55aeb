import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { allValues } from "../systemd/unit-values.ts";
import { loadUnits } from "./load-units.ts";
import { searchDirectories } from "./search-directories.ts";
import { dropInDirectories } from "./unit-names.ts";

let root = "";
const said: string[] = [];
const log = { debug: () => undefined, error: (text: string) => said.push(text) };

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quadlet-"));
  said.length = 0;
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function file(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function directories(dirs: string, user = false): string[] {
  return searchDirectories({ user, env: { QUADLET_UNIT_DIRS: dirs, HOME: "/h" }, uid: 5, warn: (text) => said.push(text) });
}

test("drop-ins of every kind are read, the closest of one name, by name", () => {
  file("foo-bar.container", "[Container]\nImage=x\n");
  file("container.d/10.conf", "[Container]\nLabel=all\n");
  file("foo-.container.d/20.conf", "[Container]\nLabel=prefix\n");
  file("foo-bar.container.d/10.conf", "[Container]\nLabel=own\n");
  file("foo-bar.container.d/05.conf", "[Container]\nLabel=first\n");
  file("foo-bar.container.d/notes.txt", "no unit");
  const [unit] = loadUnits([root], log);
  expect(unit && allValues(unit, "Container", "Label")).toEqual(["first", "own", "prefix"]);
  expect(said).toEqual([]);
});

test("the first unit of a name counts, and a broken one is told and left out", () => {
  file("a/web.container", "[Container]\nImage=one\n");
  file("b/web.container", "[Container]\nImage=two\n");
  file("b/bad.container", "nonsense\n");
  const units = loadUnits([join(root, "a"), join(root, "b"), join(root, "missing")], log);
  expect(units.map((unit) => unit.path)).toEqual([join(root, "a/web.container")]);
  expect(said).toHaveLength(1);
  expect(said[0]).toContain("bad.container");
});

test("directories below are searched, links followed once, drop-in directories not", () => {
  file("one/deep/x.container", "");
  file("one/x.container.d/a.conf", "");
  symlinkSync(join(root, "one"), join(root, "one/loop"));
  expect(directories(`${join(root, "one")}:${join(root, "gone")}`)).toEqual([
    join(root, "one"),
    join(root, "one/deep"),
    join(root, "gone"),
  ]);
  expect(directories("relative:/x")).toEqual([]);
  expect(said).toEqual(["relative not a valid file path"]);
});

test("a user's units lie in the user's directories, and in those for users", () => {
  const found = searchDirectories({
    user: true,
    env: { XDG_RUNTIME_DIR: join(root, "run"), HOME: join(root, "home") },
    uid: 4711,
    warn: () => undefined,
  });
  expect(found).toEqual([
    join(root, "run/containers/systemd"),
    join(root, "home/.config/containers/systemd"),
    "/etc/containers/systemd/users",
    "/etc/containers/systemd/users/4711",
    "/usr/share/containers/systemd/users",
    "/usr/share/containers/systemd/users/4711",
  ]);
});

test("drop-in directories of a template's instance", () => {
  expect(dropInDirectories("a-b@one-x.container")).toEqual([
    "a-b@one-x.container.d",
    "a-b@.container.d",
    "a-@.container.d",
    "a-.container.d",
    "container.d",
  ]);
});
