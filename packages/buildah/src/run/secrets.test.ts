import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseSecrets, readSecret } from "./secrets.ts";
import { parseSshSources } from "./ssh-agent.ts";

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "secrets-test-"));
  writeFileSync(join(directory, "value"), "from a file");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("--secret", () => {
  it("reads files and variables", () => {
    process.env["SECRETS_TEST_VALUE"] = "from a variable";
    const secrets = parseSecrets([`id=one,src=${directory}/value`, "id=two,env=SECRETS_TEST_VALUE", "id=SECRETS_TEST_VALUE"]);
    expect([...secrets.values()].map((secret) => readSecret(secret).toString())).toEqual([
      "from a file",
      "from a variable",
      "from a variable",
    ]);
  });

  it.each(["foo", "src=x", "id=a,foo=b"])("refuses %s", (text) => {
    expect(() => parseSecrets([text])).toThrow("incorrect secret flag format");
  });

  it("refuses odd types and missing files", () => {
    expect(() => parseSecrets(["id=a,type=foo"])).toThrow("must be file or env");
    expect(() => parseSecrets([`id=a,src=${directory}/none`])).toThrow("no such file or directory");
  });
});

describe("--ssh", () => {
  it("takes keys by id", () => {
    expect(parseSshSources([`a=${directory}/value`]).get("a")).toEqual({ keys: [join(directory, "value")] });
  });

  it("refuses what is not there", () => {
    expect(() => parseSshSources(["default=/no/such/socket"])).toThrow("stat /no/such/socket: no such file or directory");
  });
});
