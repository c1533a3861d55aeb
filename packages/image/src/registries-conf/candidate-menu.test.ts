import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { chooseFrom } from "./candidate-menu.ts";
import { loadRecordedAliases, recordAlias } from "./recorded-aliases.ts";
import { resolveForPull } from "./short-names.ts";
import type { RegistriesConf } from "./types.ts";

function choose(names: readonly string[], keys: string): { chosen: string; screen: string } {
  const bytes = [...Buffer.from(keys, "latin1")];
  let screen = "";
  const chosen = chooseFrom(names, { readByte: () => bytes.shift(), write: (text) => void (screen += text) });
  return { chosen, screen };
}

describe("the menu", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"];

  test.each([
    ["\r", "a"],
    ["\x1b[B\r", "b"],
    ["\x1b[B\x1b[B\x1b[A\r", "b"],
    ["jjk\n", "b"],
    ["\x0e\x0e\x10\r", "b"],
    ["\x1b[A\r", "a"],
    [`${"\x1b[B".repeat(20)}\r`, "g"],
    ["xyz\r", "a"],
  ])("%j gives %s", (keys, chosen) => expect(choose(names, keys).chosen).toBe(chosen));

  test("shows five at a time, and what was chosen", () => {
    const { screen } = choose(names, "\r");
    expect(screen).toContain("    e");
    expect(screen).not.toContain("    f");
    expect(screen.endsWith("✔ a\r\n")).toBe(true);
  });

  test.each(["\x03", "\x04", ""])("%j is no choice", (keys) => expect(() => choose(names, keys)).toThrow("^C"));
});

describe("a name of several registries", () => {
  let directory = "";
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "aliases-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const conf = (mode: RegistriesConf["shortNameMode"]): RegistriesConf => ({
    registries: [],
    unqualifiedSearchRegistries: ["a.example", "b.example"],
    unqualifiedSearchOrigin: "/r.conf",
    credentialHelpers: [],
    shortNameMode: mode,
    aliases: new Map(),
    sources: { file: "/r.conf", directory: "/r.d" },
  });
  const pick = (mode: RegistriesConf["shortNameMode"], name = "x/y:1") => {
    const asked: string[] = [];
    const resolution = resolveForPull(
      name,
      {},
      {
        sources: { conf: conf(mode), recorded: new Map() },
        menu: (names) => {
          asked.push(...names);
          return names[1] ?? "";
        },
      },
    );
    return { asked, names: resolution.candidates.map(String), record: resolution.record };
  };

  test.each(["permissive", "enforcing"] as const)("is asked about when %s", (mode) => {
    const { asked, names, record } = pick(mode);
    expect(asked).toEqual(["a.example/x/y:1", "b.example/x/y:1"]);
    expect(names).toEqual(["b.example/x/y:1"]);
    expect(record).toBeDefined();
  });

  test("is not asked about when disabled, or when it names its registry", () => {
    expect(pick("disabled")).toMatchObject({ asked: [], names: ["a.example/x/y:1", "b.example/x/y:1"] });
    expect(pick("enforcing", "c.example/x")).toMatchObject({ asked: [], names: ["c.example/x:latest"] });
  });

  test("is remembered in the original's file, beside earlier choices", () => {
    const path = join(directory, "cache", "short-name-aliases.conf");
    recordAlias("x/y", "b.example/x/y", path);
    recordAlias("one", "a.example/one", path);
    expect(readFileSync(path, "utf8")).toBe('[aliases]\n  "one" = "a.example/one"\n  "x/y" = "b.example/x/y"\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(loadRecordedAliases(path).get("x/y")?.target).toBe("b.example/x/y");
  });
});
