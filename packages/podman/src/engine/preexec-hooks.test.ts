import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { preexecHookDirectories, runPreexecHooks } from "./preexec-hooks.ts";

describe("hooks before a command", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "preexec-"));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function hook(name: string, script: string, mode = 0o755): void {
    writeFileSync(join(directory, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(directory, name), mode);
  }
  const seen = () => (existsSync(join(directory, "seen")) ? readFileSync(join(directory, "seen"), "utf8") : "");

  it("run in the order of their names and get the command line", () => {
    hook("b", `echo "b $*" >>${directory}/seen`);
    hook("a", `echo "a $*" >>${directory}/seen`);
    expect(runPreexecHooks(["/nosuch/place", directory], ["podman", "pull", "x y"])).toBe(0);
    expect(seen()).toBe("a podman pull x y\nb podman pull x y\n");
  });

  it("end podman with the first exit code that is not 0, or with the signal", () => {
    hook("a", "exit 42");
    hook("b", `touch ${directory}/seen`);
    expect(runPreexecHooks([directory], ["podman"])).toBe(42);
    expect(existsSync(join(directory, "seen"))).toBe(false);
    hook("a", "kill -9 $$");
    expect(runPreexecHooks([directory], ["podman"])).toBe(136);
  });

  it("are files that may be executed; one that cannot be run is a refusal", () => {
    hook("text", "exit 1", 0o644);
    mkdirSync(join(directory, "folder"));
    expect(runPreexecHooks([directory], ["podman"])).toBe(0);
    writeFileSync(join(directory, "broken"), "#!/no/such/shell\n", { mode: 0o755 });
    expect(runPreexecHooks([directory], ["podman"])).toBe(1);
  });

  it("lie in the system's places and in one of the environment's", () => {
    expect(preexecHookDirectories({})).toHaveLength(2);
    expect(preexecHookDirectories({ PODMAN_PREEXEC_HOOKS_DIR: "/x" }).at(-1)).toBe("/x");
  });
});
