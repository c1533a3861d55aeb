import { expect, test } from "vitest";
import { parseNormalizedName } from "../reference/reference.ts";
import { identityMatches, parseIdentityMatch } from "./identity.ts";

const digest = `sha256:${"a".repeat(64)}`;

test.each([
  ["matchExact", "h.example/a/b:1", "h.example/a/b:1", true],
  ["matchExact", "h.example/a/b:1", "h.example/a/b:2", false],
  ["matchExact", `h.example/a/b@${digest}`, "h.example/a/b:1", false],
  ["matchExact", "h.example/a/b:1", "h.example/a/b", false],
  ["matchRepoDigestOrExact", "h.example/a/b:1", "h.example/a/b:1", true],
  ["matchRepoDigestOrExact", "h.example/a/b:1", "h.example/a/b:2", false],
  ["matchRepoDigestOrExact", `h.example/a/b@${digest}`, "h.example/a/b:2", true],
  ["matchRepoDigestOrExact", `h.example/a/b@${digest}`, "h.example/a/c:2", false],
  ["matchRepoDigestOrExact", `h.example/a/b@${digest}`, "h.example/a/b", false],
  ["matchRepository", "h.example/a/b:1", "h.example/a/b:2", true],
  ["matchRepository", "h.example/a/b:1", "h.example/a/c:1", false],
  ["matchRepository", "h.example/a/b:1", "not a name", false],
])("%s of %s, signed as %s: %s", (type, image, signed, accepted) => {
  expect(identityMatches(parseIdentityMatch({ type }), parseNormalizedName(image), signed)).toBe(accepted);
});

test.each([
  ["m.example", "h.example", "m.example/a/b:1", "h.example/a/b:1", true],
  ["m.example/x", "h.example/y", "m.example/x/b:1", "h.example/y/b:1", true],
  ["m.example/x", "h.example/y", "m.example/xx/b:1", "h.example/yx/b:1", false],
  ["m.example/x", "h.example/y", "o.example/b:1", "o.example/b:1", true],
  ["m.example", "h.example", "m.example/a:1", "m.example/a:1", false],
])("remapped from %s to %s: %s signed as %s: %s", (prefix, signedPrefix, image, signed, accepted) => {
  const match = parseIdentityMatch({ type: "remapIdentity", prefix, signedPrefix });
  expect(identityMatches(match, parseNormalizedName(image), signed)).toBe(accepted);
});

test("exactReference and exactRepository do not ask for the image's name", () => {
  const reference = parseIdentityMatch({ type: "exactReference", dockerReference: "h.example/a:1" });
  expect(identityMatches(reference, undefined, "h.example/a:1")).toBe(true);
  expect(identityMatches(reference, undefined, "h.example/a:2")).toBe(false);
  const repository = parseIdentityMatch({ type: "exactRepository", dockerRepository: "h.example/a" });
  expect(identityMatches(repository, undefined, "h.example/a:2")).toBe(true);
  expect(identityMatches(parseIdentityMatch(undefined), undefined, "h.example/a:1")).toBe(false);
});

test.each([
  ["matchExact", /must be an object/],
  [{ type: "matchAll" }, /unknown policy reference match type/],
  [{ type: "matchExact", typo: 1 }, /unknown key "typo"/],
  [{ type: "exactReference", dockerReference: "h.example/a" }, /contains neither a tag nor digest/],
  [{ type: "exactRepository", dockerRepository: "A B" }, /invalid format of dockerRepository/],
  [{ type: "remapIdentity", prefix: "m.example/", signedPrefix: "h.example" }, /prefix "m\.example\/" is not valid/],
  [{ type: "remapIdentity", prefix: "m.example" }, /prefix "" is not valid/],
])("refuses %j", (value, message) => expect(() => parseIdentityMatch(value)).toThrow(message));
