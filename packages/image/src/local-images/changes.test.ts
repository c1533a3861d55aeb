import { describe, expect, test } from "vitest";
import { applyChanges } from "./changes.ts";
import { matchesPattern } from "./match-pattern.ts";
import { parsePlatform, platformMatches } from "./platform.ts";
import { parsePullPolicy } from "./pull-policy.ts";
import { parseUntil } from "./until.ts";

describe("changes", () => {
  test.each([
    ["CMD=/bin/sh -c true", { Cmd: ["/bin/sh", "-c", "/bin/sh -c true"] }],
    ['cmd ["a","b"]', { Cmd: ["a", "b"] }],
    ["ENTRYPOINT ", { Entrypoint: [] }],
    ['ENV "A"="b c"', { Env: ["A=b c"] }],
    ["EXPOSE 53/UDP", { ExposedPorts: { "53/udp": {} } }],
    ['VOLUME ["/a","/b"]', { Volumes: { "/a": {}, "/b": {} } }],
    ["VOLUME /a /b", { Volumes: { "/a": {}, "/b": {} } }],
    ["STOPSIGNAL 9", { StopSignal: "9" }],
    ["ONBUILD RUN true", { OnBuild: ["RUN true"] }],
  ])("%s", (change, expected) => expect(applyChanges({}, [change])).toEqual(expected));

  test("add up", () => {
    expect(applyChanges({ Env: ["A=1"], WorkingDir: "/a" }, ["ENV B=2", "WORKDIR b"])).toEqual({ Env: ["A=1", "B=2"], WorkingDir: "/a/b" });
  });

  test.each(["EXPOSE x", "EXPOSE 70000", "EXPOSE 1/icmp", "USER ", "LABEL x", "NOSUCH y", "CMD", "STOPSIGNAL NOPE", "ENV =x"])(
    "%j is refused",
    (change) => {
      expect(() => applyChanges({}, [change])).toThrow(/invalid change/);
    },
  );
});

test.each([
  ["*one*", "localhost", false],
  ["*one*", "someones", true],
  ["a/*", "a/b/c", false],
  ["a/[b-d]?", "a/cx", true],
  ["a/[^b]", "a/b", false],
  ["a.b", "axb", false],
  ["[", "[", false],
  ["\\*", "*", true],
])("pattern %s on %s: %s", (pattern, text, expected) => expect(matchesPattern(pattern, text)).toBe(expected));

test("until", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  expect(parseUntil("1h30m", now)).toBe(now - 5_400_000);
  expect(parseUntil("1700000000", now)).toBe(1_700_000_000_000);
  expect(parseUntil("2026-01-01T00:00:00Z", now)).toBe(now - 86_400_000);
  expect(() => parseUntil("yesterday", now)).toThrow(/time or duration/);
});

test("platforms", () => {
  expect(parsePlatform({ platform: "linux/aarch64/v8" })).toEqual({ os: "linux", architecture: "arm64", variant: "v8" });
  expect(parsePlatform({})).toBeUndefined();
  expect(() => parsePlatform({ platform: "linux", arch: "arm" })).toThrow(/can not be specified/);
  expect(platformMatches({ architecture: "x86_64" }, { os: "linux", architecture: "amd64" })).toBe(true);
  expect(platformMatches({ architecture: "arm64" }, { os: "linux", architecture: "amd64" })).toBe(false);
});

test("pull policies", () => {
  expect(["", "IfNotPresent", "always", "NEWER", "never"].map(parsePullPolicy)).toEqual(["missing", "missing", "always", "newer", "never"]);
  expect(() => parsePullPolicy("zzz")).toThrow('unsupported pull policy "zzz"');
});
