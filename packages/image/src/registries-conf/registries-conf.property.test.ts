import { isErrorOfKind } from "@containers/common/errors/tool-error";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../trust/policy-file.ts";
import { findRegistry, matchedLength } from "./match.ts";
import { parseRegistriesConf } from "./parse.ts";
import type { RegistriesConf } from "./types.ts";

// The same cases in each run; PROPERTY_SEED=$RANDOM looks at others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

const part = fc.stringMatching(/^[a-c]{1,2}$/);
const host = fc.tuple(part, part).map(([first, second]) => `${first}.${second}`);
const location = fc.tuple(host, fc.array(part, { maxLength: 2 })).map(([domain, path]) => [domain, ...path].join("/"));
const prefix = fc.oneof(
  location,
  host.map((domain) => `*.${domain}`),
);

function refusedOr(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!isErrorOfKind(error, "invalid-argument") && !isErrorOfKind(error, "corrupt")) throw error;
  }
}

describe("registries.conf", () => {
  it("chooses the longest prefix that ends where a part of the name ends", () => {
    fc.assert(
      fc.property(fc.uniqueArray(prefix, { maxLength: 8 }), location, (prefixes, name) => {
        const text = prefixes.map((each) => `[[registry]]\nprefix = "${each}"\nlocation = "x.example"\n`).join("");
        const conf = { registries: parseRegistriesConf(text, "/r.conf").registries ?? [] } as unknown as RegistriesConf;
        const lengths = prefixes.map((each) => matchedLength(name, each));
        const found = findRegistry(conf, name);
        if (Math.max(0, ...lengths.filter((length) => length > 0)) === 0) expect(found).toBeUndefined();
        else {
          const length = matchedLength(name, found?.prefix ?? "");
          expect(length).toBe(Math.max(...lengths));
          expect(["", "/", ":", "@"]).toContain(name.charAt(length));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("and policy.json with arbitrary text are read or refused", () => {
    const fragments = fc.constantFrom(
      "[[registry]]\n",
      "prefix = ",
      "location = ",
      '"a.b/c"\n',
      '"*.b"\n',
      "blocked = true\n",
      "[aliases]\n",
      '"x" = "y.z/x"\n',
      "mirror = ",
      "[[registry.mirror]]\n",
      "insecure = 1\n",
      "\u0000",
      "unqualified-search-registries = ",
      '["a.b"]\n',
      "short-name-mode = ",
      '"enforcing"\n',
      "[",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fragments, { maxLength: 12 }).map((parts) => parts.join("")),
        ),
        (text) => {
          refusedOr(() => parseRegistriesConf(text, "/r.conf"));
          refusedOr(() => parsePolicy(text, "/p.json"));
        },
      ),
      { numRuns: 1000 },
    );
    const requirement = fc.record(
      {
        type: fc.constantFrom("reject", "signedBy", "sigstoreSigned", "x"),
        keyType: fc.jsonValue(),
        keyPath: fc.jsonValue(),
        signedIdentity: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.array(requirement)), (requirements) => {
        refusedOr(() => parsePolicy(JSON.stringify({ default: requirements, transports: { docker: { "a.b": requirements } } }), "/p.json"));
        refusedOr(() => parsePolicy(JSON.stringify(requirements), "/p.json"));
      }),
      { numRuns: 500 },
    );
  });
});
