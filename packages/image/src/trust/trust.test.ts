import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { ImageReference, ImageSource } from "../transports/transport.ts";
import { policyCheck } from "./evaluate.ts";
import { loadPolicy, parsePolicy } from "./policy-file.ts";

function source(transport: string, policyScopes: readonly string[]): ImageSource {
  const unused = async (): Promise<never> => {
    throw new ToolError("internal", "not part of this test");
  };
  const reference: ImageReference = {
    transport,
    withinTransport: "//x",
    policyScopes,
    openSource: unused,
    openDestination: unused,
    delete: unused,
  };
  return { reference, manifest: unused, blob: unused, signatures: unused, parallelBlobs: true, close: async () => undefined };
}

const policy = parsePolicy(
  JSON.stringify({
    default: [{ type: "reject" }],
    transports: {
      docker: {
        "": [{ type: "insecureAcceptAnything" }],
        "a.example": [{ type: "reject" }],
        "a.example/good": [{ type: "insecureAcceptAnything" }],
        "*.b.example": [{ type: "signedBaseLayer", baseLayerIdentity: { type: "matchRepository" } }],
      },
    },
  }),
  "/p.json",
);

describe("evaluation", () => {
  test.each([
    ["docker", ["a.example/good/x:1", "a.example/good/x", "a.example/good", "a.example"], undefined],
    ["docker", ["a.example/bad:1", "a.example/bad", "a.example"], /rejected by policy/],
    ["docker", ["c.example/x:1", "c.example/x", "c.example"], undefined],
    ["docker", ["c.b.example/x:1", "c.b.example/x", "c.b.example", "*.b.example", "*.example"], /signedBaseLayer not implemented/],
    ["dir", ["/x"], /rejected by policy/],
  ])("%s %j", async (transport, scopes, refusal) => {
    const check = policyCheck(policy)(source(transport, scopes));
    if (refusal === undefined) await check;
    else expect(await check.then(() => "accepted", describeError)).toMatch(refusal);
  });
});

describe("the file", () => {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "policy-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  test("the user's file comes before the system's", () => {
    mkdirSync(join(home, ".config/containers"), { recursive: true });
    writeFileSync(join(home, ".config/containers/policy.json"), '{"default":[{"type":"reject"}]}');
    expect(loadPolicy(undefined, home).default).toEqual([{ type: "reject" }]);
  });

  test("a named file must be there", () => {
    expect(() => loadPolicy(join(home, "absent.json"), home)).toThrow(/absent\.json/);
  });

  test.each([
    ["{", /not valid JSON/],
    ["[]", /must be an object/],
    ["{}", /default policy is missing/],
    ['{"default":[]}', /must not be empty/],
    ['{"default":[{"type":"acceptAll"}]}', /unknown policy requirement type/],
    ['{"default":[{"type":"reject","typo":1}]}', /unknown key "typo"/],
    ['{"default":[{"type":"reject"}],"transport":{}}', /unknown key "transport"/],
    ['{"default":[{"type":"reject"}],"transports":{"dir":{"a":[{"type":"reject"}]}}}', /dir scope "a" must be an absolute path/],
    ['{"default":[{"type":"reject"}],"transports":{"oci":{"/a/../b":[{"type":"reject"}]}}}', /without detours/],
    ['{"default":[{"type":"reject"}],"transports":{"docker-archive":{"/a":[{"type":"reject"}]}}}', /does not support any scopes/],
  ])("refuses %s", (text, message) => expect(() => parsePolicy(text, "p")).toThrow(message));
});
