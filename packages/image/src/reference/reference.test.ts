import { describe, expect, it } from "vitest";
import { familiarString, parseName, parseNormalizedName, relocate, withDefaultTag, withDigest, withTag } from "./reference.ts";

const digest = `sha256:${"ab".repeat(32)}`;

describe("parseNormalizedName", () => {
  it.each([
    ["alpine", "docker.io/library/alpine"],
    ["alpine:3.20", "docker.io/library/alpine:3.20"],
    ["user/app", "docker.io/user/app"],
    ["docker.io/alpine", "docker.io/library/alpine"],
    ["index.docker.io/alpine", "docker.io/library/alpine"],
    ["localhost/hello", "localhost/hello"],
    ["localhost:5000/hello:1", "localhost:5000/hello:1"],
    ["quay.io/a/b-c__d.e", "quay.io/a/b-c__d.e"],
    ["[::1]:5000/x", "[::1]:5000/x"],
    [`quay.io/a/b:v1@${digest}`, `quay.io/a/b:v1@${digest}`],
    ["127.0.0.1:5000/a_b", "127.0.0.1:5000/a_b"],
  ])("%s is %s", (text, full) => expect(parseNormalizedName(text).toString()).toBe(full));

  it.each([
    ["", "invalid reference format"],
    ["UPPER/x", "repository name (UPPER/x) must be lowercase"],
    ["Alpine", "repository name (library/Alpine) must be lowercase"],
    ["a:b:c", "invalid reference format"],
    ["a@sha256:1234", "invalid reference format"],
    [`a@md5:${"0".repeat(32)}`, "unsupported digest algorithm"],
    [`a@sha256:${"0".repeat(32)}`, "invalid checksum digest length"],
    ["0".repeat(64), "cannot specify 64-byte hexadecimal strings"],
    ["a//b", "invalid reference format"],
    ["-a", "invalid reference format"],
    ["a/../b", "invalid reference format"],
    [`quay.io/${"a".repeat(256)}`, "must not be more than 255 characters"],
    ["quay.io/x:.tag", "invalid reference format"],
  ])("refuses %j", (text, message) => expect(() => parseNormalizedName(text)).toThrow(message));
});

describe("forms", () => {
  it("adds, drops and shortens", () => {
    const alpine = parseNormalizedName("alpine");
    expect(String(withDefaultTag(alpine))).toBe("docker.io/library/alpine:latest");
    expect(familiarString(withTag(alpine, "3"))).toBe("alpine:3");
    expect(familiarString(parseNormalizedName("docker.io/library/a/b"))).toBe("library/a/b");
    expect(String(withDigest(withTag(alpine, "3"), digest))).toBe(`docker.io/library/alpine:3@${digest}`);
    expect(() => withTag(alpine, "a b")).toThrow("invalid tag format");
    expect(String(relocate(withTag(alpine, "3"), "mirror.example/x/alpine"))).toBe("mirror.example/x/alpine:3");
    expect(() => parseName("alpine")).toThrow("must be canonical");
  });
});
