import { isErrorOfKind } from "@containers/common/errors/tool-error";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseImageName, transportNames } from "../transports/register.ts";
import { familiarString, parseNormalizedName } from "./reference.ts";

// The same cases in each run; PROPERTY_SEED=$RANDOM looks at others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

const component = fc.stringMatching(/^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+){0,2}$/).filter((text) => text.length <= 40);
const domain = fc.oneof(
  fc.constantFrom("docker.io", "quay.io", "localhost", "localhost:5000", "127.0.0.1:80", "[::1]:5000"),
  fc.stringMatching(/^[a-z0-9]{1,8}(?:\.[a-z0-9]{1,8}){1,2}(?::[1-9][0-9]{0,3})?$/),
);
const tag = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}$/);
const digest = fc.stringMatching(/^[0-9a-f]{64}$/).map((hex) => `sha256:${hex}`);
const whole = fc
  .record({
    domain,
    path: fc.array(component, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/")),
    tag: fc.option(tag, { nil: undefined }),
    digest: fc.option(digest, { nil: undefined }),
  })
  .filter(({ path }) => !/^[0-9a-f]{64}$/.test(path));
/** Characters that names are made of, in any order, so that many are nearly right. */
const nearly = fc.string({
  unit: fc.constantFrom(..."abAZ09./:@-_[] \\\u0000\u001bé", "sha256:", "//", "..", "docker.io/"),
  maxLength: 40,
});

function refusedOr<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (!isErrorOfKind(error, "invalid-argument")) throw error;
    return undefined;
  }
}

describe("names of images", () => {
  it("have the parts that they were made of", () => {
    fc.assert(
      fc.property(whole, (parts) => {
        const text = `${parts.domain}/${parts.path}${parts.tag === undefined ? "" : `:${parts.tag}`}${parts.digest === undefined ? "" : `@${parts.digest}`}`;
        const parsed = parseNormalizedName(text);
        expect([parsed.domain, parsed.tag, parsed.digest]).toEqual([parts.domain, parts.tag, parts.digest]);
        expect(parsed.path.endsWith(parts.path)).toBe(true);
        expect(parseNormalizedName(parsed.toString()).toString()).toBe(parsed.toString());
        // Without docker.io, a first part that looks like a host is taken for one; the original has it so too.
        if (!/^([^/]*[.:]|localhost$|localhost\/)/.test(parsed.path))
          expect(parseNormalizedName(familiarString(parsed)).toString()).toBe(parsed.toString());
      }),
    );
  });

  it("are refused as invalid, or mean the same when printed and read again", () => {
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string()), (text) => {
        const parsed = refusedOr(() => parseNormalizedName(text));
        if (parsed !== undefined) expect(parseNormalizedName(parsed.toString()).toString()).toBe(parsed.toString());
      }),
      { numRuns: 2000 },
    );
  });
});

describe("names with a transport", () => {
  it("are refused as invalid, or mean the same when printed and read again", () => {
    const names = fc
      .tuple(
        fc.constantFrom(...transportNames()),
        fc.oneof(
          nearly,
          whole.map(({ path }) => `/${path}:x`),
        ),
      )
      .map(([kind, rest]) => `${kind}:${rest}`);
    fc.assert(
      fc.property(names, (text) => {
        const parsed = refusedOr(() => parseImageName(text));
        if (parsed === undefined) return;
        const printed = `${parsed.transport}:${parsed.withinTransport}`;
        const again = parseImageName(printed);
        expect(`${again.transport}:${again.withinTransport}`).toBe(printed);
        expect(again.policyScopes).toEqual(parsed.policyScopes);
      }),
      { numRuns: 2000 },
    );
  });
});
