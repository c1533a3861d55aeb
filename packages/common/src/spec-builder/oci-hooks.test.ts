import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addHooks } from "./oci-hooks.ts";
import type { RuntimeSpec } from "./runtime-spec.ts";

const spec: RuntimeSpec = {
  ociVersion: "1.0.2",
  process: { user: { uid: 0, gid: 0 }, args: ["/bin/sh"], env: [], cwd: "/" },
  root: { path: "/" },
  mounts: [],
  annotations: { "my.key": "yes" },
  linux: { namespaces: [] },
};
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hooks-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

/** The spec's hooks with one hook file of these conditions. */
function hooksWith(when: object, stages = ["prestart"], path = "/bin/true"): RuntimeSpec["hooks"] {
  const place = join(directory, "one");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "a.json"), JSON.stringify({ version: "1.0.0", hook: { path, args: ["true", "x"] }, when, stages }));
  return addHooks(spec, [place], false).hooks;
}

describe("addHooks", () => {
  const hook = { path: "/bin/true", args: ["true", "x"] };

  it("adds those whose conditions fit, all or any of them", () => {
    expect(hooksWith({ always: true })).toEqual({ prestart: [hook] });
    expect(hooksWith({})).toBeUndefined();
    expect(hooksWith({ commands: ["sh$"], annotations: { "^my\\.key$": "^yes$" } })).toEqual({ prestart: [hook] });
    expect(hooksWith({ commands: ["zsh$"], annotations: { "^my\\.key$": "^yes$" } })).toBeUndefined();
    expect(hooksWith({ commands: ["zsh$"], annotations: { "^my\\.key$": "^yes$" }, or: true })).toEqual({ prestart: [hook] });
    expect(hooksWith({ hasBindMounts: true })).toBeUndefined();
    expect(hooksWith({ always: true }, ["poststop", "createRuntime"])).toEqual({ poststop: [hook], createRuntime: [hook] });
  });

  it("refuses what is no hook", () => {
    expect(() => hooksWith({ always: true }, ["nosuch"])).toThrow('unknown stage "nosuch"');
    expect(() => hooksWith({ always: true }, ["prestart"], "/nosuch")).toThrow("stat /nosuch: no such file or directory");
  });

  it("lets precreate hooks change the spec", () => {
    const script = join(directory, "change.sh");
    writeFileSync(script, "#!/bin/sh\nsed s,/bin/sh,/bin/changed,\n", { mode: 0o755 });
    const place = join(directory, "two");
    mkdirSync(place);
    writeFileSync(
      join(place, "b.json"),
      JSON.stringify({ version: "1.0.0", hook: { path: script }, when: { always: true }, stages: ["precreate"] }),
    );
    expect(addHooks(spec, [place], false).process.args).toEqual(["/bin/changed"]);
  });
});
