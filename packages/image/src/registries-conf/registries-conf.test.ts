import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isErrorOfKind } from "@containers/common/errors/tool-error";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseNormalizedName } from "../reference/reference.ts";
import { parseAlias } from "./alias-name.ts";
import { loadRegistriesConf } from "./load.ts";
import { findRegistry, matchedLength } from "./match.ts";
import { resolveDestination, resolveEndpoints } from "./mirrors.ts";
import { parseRegistriesConf } from "./parse.ts";
import { localCandidates, resolveShortName } from "./short-names.ts";
import type { RegistriesConf } from "./types.ts";

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "registries-conf-"));
  mkdirSync(join(directory, "conf.d"));
});
afterEach(() => rmSync(directory, { recursive: true }));

function load(main: string, dropIns: Readonly<Record<string, string>> = {}): RegistriesConf {
  writeFileSync(join(directory, "registries.conf"), main);
  for (const [name, text] of Object.entries(dropIns)) writeFileSync(join(directory, "conf.d", name), text);
  const access = { registriesConfPath: join(directory, "registries.conf"), registriesConfDir: join(directory, "conf.d") };
  return loadRegistriesConf(access, directory);
}

function endpoints(name: string, conf: RegistriesConf, tlsVerify?: boolean): string[] {
  const found = resolveEndpoints(parseNormalizedName(name), { tlsVerify }, conf);
  return found.map(
    ({ reference, insecure, isMirror }) => `${reference.toString()}${insecure ? " insecure" : ""}${isMirror ? " mirror" : ""}`,
  );
}

describe("loading", () => {
  test("merges drop-ins in order: registries by prefix, lists as a whole, aliases by name", () => {
    const conf = load(
      'unqualified-search-registries = ["a.example"]\n[[registry]]\nlocation = "r.example"\ninsecure = true\n[aliases]\none = "x.example/one"\ntwo = "x.example/two"',
      {
        "10.conf": '[[registry]]\nlocation = "r.example"\nblocked = true',
        "20.conf": 'unqualified-search-registries = ["b.example", "c.example"]\n[aliases]\none = "y.example/one"',
        "30.ignored": "not toml at all",
      },
    );
    expect(conf.registries).toMatchObject([{ prefix: "r.example", blocked: true, insecure: false }]);
    expect(conf.unqualifiedSearchRegistries).toEqual(["b.example", "c.example"]);
    expect(conf.unqualifiedSearchOrigin).toBe(join(directory, "conf.d", "20.conf"));
    expect(conf.aliases.get("one")?.target).toBe("y.example/one");
    expect(conf.aliases.get("two")?.target).toBe("x.example/two");
    expect(conf.shortNameMode).toBe("permissive");
  });

  test("the user's file replaces the system's", () => {
    const user = join(directory, ".config/containers");
    mkdirSync(user, { recursive: true });
    writeFileSync(join(user, "registries.conf"), 'unqualified-search-registries = ["mine.example"]');
    expect(loadRegistriesConf({}, directory).unqualifiedSearchRegistries).toEqual(["mine.example"]);
  });

  test("a named file must exist", () => {
    expect(() => loadRegistriesConf({ registriesConfPath: join(directory, "absent") }, directory)).toThrow(/absent/);
  });

  test("reads the format of version 1", () => {
    const conf = parseRegistriesConf(
      "[registries.search]\nregistries=['s.example']\n[registries.insecure]\nregistries=['i.example']\n[registries.block]\nregistries=['i.example']",
      "f",
    );
    expect(conf.registries).toMatchObject([{ prefix: "i.example", insecure: true, blocked: true }]);
    expect(conf.unqualifiedSearchRegistries).toEqual(["s.example"]);
  });

  test.each([
    ["[[registry]]\ninsecure = true", /both location and prefix/],
    ['[[registry]]\nprefix = "a.example"', /location is unset/],
    ['[[registry]]\nprefix = "*.a.example/x"', /wildcard/],
    ['[[registry]]\nlocation = "https://a.example"', /URI schemes/],
    ['[[registry]]\nlocation = "a"\n[[registry]]\nprefix = "b"\nlocation = "a"\nblocked = true', /conflicting 'blocked'/],
    ['[[registry]]\nlocation = "a"\n[[registry.mirror]]\ninsecure = true', /mirror location is unset/],
    ['[[registry]]\nlocation = "a"\n[[registry.mirror]]\nlocation = "m"\npull-from-mirror = "never"', /unsupported pull-from-mirror/],
    [
      '[[registry]]\nlocation = "a"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m"\npull-from-mirror = "all"',
      /exclude each other/,
    ],
    ['short-name-mode = "sometimes"', /short-name mode/],
    ['unqualified-search-registries = ["a/b"]', /unqualified-search-registries/],
    ['[aliases]\n"x.example/y" = "a.example/y"', /must not contain registry/],
    ['[aliases]\ny = "library/y"', /must contain registry/],
    ['[aliases]\ny = "a.example/y:1"', /must not contain tag/],
  ])("refuses %j", (text, message) => expect(() => parseRegistriesConf(text, "f")).toThrow(message));
});

describe("matching", () => {
  test.each([
    ["a.example/x:1", "a.example", 9],
    ["a.example/x:1", "a.example/x", 11],
    ["a.example/xy:1", "a.example/x", -1],
    ["a.example:5000/x", "a.example", 9],
    ["b.a.example/x", "*.a.example", 11],
    ["c.b.a.example/x", "*.a.example", 13],
    ["other/b.a.example/x", "*.a.example", -1],
    ["a.example/x", "*.a.example", -1],
  ])("%s by %s covers %i", (reference, prefix, length) => expect(matchedLength(reference, prefix)).toBe(length));

  test("the longest prefix wins", () => {
    const conf = load(
      '[[registry]]\nlocation = "a.example"\n[[registry]]\nlocation = "a.example/deep/er"\n[[registry]]\nlocation = "a.example/deep"',
    );
    expect(findRegistry(conf, "a.example/deep/er/x")?.prefix).toBe("a.example/deep/er");
    expect(findRegistry(conf, "a.example/deeper/x")?.prefix).toBe("a.example");
    expect(findRegistry(conf, "b.example/x")).toBeUndefined();
  });
});

describe("endpoints", () => {
  const digest = `sha256:${"a".repeat(64)}`;

  test("mirrors come first and location takes the place of the prefix", () => {
    const conf = load(
      '[[registry]]\nprefix = "a.example/team"\nlocation = "real.example/t"\n[[registry.mirror]]\nlocation = "m.example:5000/cache"\ninsecure = true',
    );
    expect(endpoints("a.example/team/x:1", conf)).toEqual(["m.example:5000/cache/x:1 insecure mirror", "real.example/t/x:1"]);
    expect(endpoints("a.example/other:1", conf)).toEqual(["a.example/other:1"]);
    expect(endpoints("a.example/team/x:1", conf, true)).toEqual(["m.example:5000/cache/x:1 mirror", "real.example/t/x:1"]);
    expect(endpoints("b.example/x:1", conf, false)).toEqual(["b.example/x:1 insecure"]);
  });

  test("mirrors by kind of reference", () => {
    const conf = load(
      '[[registry]]\nlocation = "a.example"\n[[registry.mirror]]\nlocation = "d.example"\npull-from-mirror = "digest-only"\n[[registry.mirror]]\nlocation = "t.example"\npull-from-mirror = "tag-only"\n[[registry]]\nlocation = "b.example"\nmirror-by-digest-only = true\n[[registry.mirror]]\nlocation = "m.example"',
    );
    expect(endpoints("a.example/x:1", conf)).toEqual(["t.example/x:1 mirror", "a.example/x:1"]);
    expect(endpoints(`a.example/x@${digest}`, conf)).toEqual([`d.example/x@${digest} mirror`, `a.example/x@${digest}`]);
    expect(endpoints("b.example/x:1", conf)).toEqual(["b.example/x:1"]);
    expect(endpoints(`b.example/x@${digest}`, conf)).toHaveLength(2);
  });

  test("a wildcard without location keeps the host", () => {
    const conf = load('[[registry]]\nprefix = "*.a.example"\ninsecure = true');
    expect(endpoints("b.a.example/x:1", conf)).toEqual(["b.a.example/x:1 insecure"]);
  });

  test("blocked", () => {
    const conf = load('[[registry]]\nlocation = "a.example"\nblocked = true');
    const blocked = (): unknown => resolveEndpoints(parseNormalizedName("a.example/x:1"), {}, conf);
    expect(blocked).toThrow(/registry a\.example is blocked in .*registries\.conf/);
    try {
      blocked();
    } catch (error) {
      expect(isErrorOfKind(error, "denied")).toBe(true);
    }
    expect(() => resolveDestination(parseNormalizedName("a.example/x:1"), {}, conf)).toThrow(/blocked/);
  });

  test("pushing ignores mirrors and location", () => {
    const conf = load(
      '[[registry]]\nprefix = "a.example"\nlocation = "real.example"\ninsecure = true\n[[registry.mirror]]\nlocation = "m.example"',
    );
    const to = resolveDestination(parseNormalizedName("a.example/x:1"), {}, conf);
    expect(`${to.reference.toString()} ${to.insecure}`).toBe("a.example/x:1 true");
  });
});

describe("short names", () => {
  const recorded = new Map();

  test("a full name stands for itself", () => {
    const conf = load("");
    expect(resolveShortName("a.example/x", {}, { conf, recorded }).candidates.map(String)).toEqual(["a.example/x:latest"]);
    expect(resolveShortName("localhost/x:2", {}, { conf, recorded }).candidates.map(String)).toEqual(["localhost/x:2"]);
  });

  test("an alias wins over the search registries, and a recorded one over all", () => {
    const conf = load('unqualified-search-registries = ["s.example"]\n[aliases]\nx = "a.example/team/x"\noff = ""');
    const sources = { conf, recorded: new Map([["y", { target: "r.example/y", origin: "cache" }]]) };
    const found = resolveShortName("x:7", {}, sources);
    expect(found.candidates.map(String)).toEqual(["a.example/team/x:7"]);
    expect(found.description).toBe(`Resolved "x" as an alias (${join(directory, "registries.conf")})`);
    expect(resolveShortName("y", {}, sources).candidates.map(String)).toEqual(["r.example/y:latest"]);
    expect(resolveShortName("off", {}, sources).candidates.map(String)).toEqual(["s.example/off:latest"]);
    expect(localCandidates("x", {}, sources).map(String)).toEqual(["a.example/team/x:latest", "localhost/x:latest", "s.example/x:latest"]);
  });

  test("docker.io gets its library name", () => {
    const conf = load('unqualified-search-registries = ["docker.io"]');
    expect(resolveShortName("busybox", {}, { conf, recorded }).candidates.map(String)).toEqual(["docker.io/library/busybox:latest"]);
  });

  test("no search registries", () => {
    const conf = load("");
    expect(() => resolveShortName("x", {}, { conf, recorded })).toThrow(
      `short-name "x" did not resolve to an alias and no unqualified-search registries are defined in "${join(directory, "registries.conf")}"`,
    );
    expect(localCandidates("x", {}, { conf, recorded }).map(String)).toEqual(["localhost/x:latest"]);
  });

  test("enforcing refuses to guess among several", () => {
    const conf = load('short-name-mode = "enforcing"\nunqualified-search-registries = ["a.example", "b.example"]');
    expect(() => resolveShortName("x", {}, { conf, recorded })).toThrow("short-name resolution enforced but cannot prompt without a TTY");
  });
});

describe("parseAlias", () => {
  test.each([
    ["rhel7.9", "registry.access.redhat.com/rhel7.9", "registry.access.redhat.com/rhel7.9"],
    ["ubi9/ubi-init", "registry.access.redhat.com/ubi9-init", "registry.access.redhat.com/ubi9-init"],
    ["x", "docker.io/x", "docker.io/library/x"],
    ["x", "docker.io/library/x", "docker.io/library/x"],
    ["x", "index.docker.io/team/x", "docker.io/team/x"],
    ["x", "localhost:5000/x", "localhost:5000/x"],
  ])("%s = %s stands for %s", (name, target, full) => {
    expect(parseAlias(name, target)).toBe(full);
  });

  test.each([
    ["a".repeat(64), "a.example/y"],
    ["localhost/x", "a.example/y"],
    ["a.b/x", "a.example/y"],
    ["x", "library/y"],
    ["x--/y", "Upper.example/Y"],
  ])("refuses %s = %s", (name, target) => {
    expect(() => parseAlias(name, target)).toThrow();
  });
});
