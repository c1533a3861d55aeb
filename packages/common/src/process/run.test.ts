import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findExecutable } from "./find-executable.ts";
import { reexecArguments, runReexecEntry } from "./reexec.ts";
import { run, runSync, spawnChild } from "./run.ts";

describe("run", () => {
  it("collects output, bytes unchanged, and the exit status", async () => {
    const result = await run("sh", ["-c", "cat; printf '\\377\\n\\n'; echo bad >&2; exit 3"], { input: "in" });
    expect(result).toEqual({ exitCode: 3, stdout: Buffer.from([0x69, 0x6e, 0xff, 10, 10]), stderr: Buffer.from("bad\n") });
  });

  it("gives only the environment it was given, and descriptors from 3", async () => {
    const dir = mkdtempSync(join(tmpdir(), "run-"));
    const fd = openSync(join(dir, "three"), "w");
    const result = await run("/bin/sh", ["-c", "echo to three >&3; echo $A-$HOME"], { env: { A: "1", B: undefined }, fds: [fd] });
    closeSync(fd);
    expect(result.stdout.toString()).toBe("1-\n");
    expect(readFileSync(join(dir, "three"), "utf8")).toBe("to three\n");
    rmSync(dir, { recursive: true });
  });

  it("turns a signal into 128 + n, and a missing program into an error of kind unavailable", async () => {
    expect((await run("sh", ["-c", "kill -TERM $$"])).exitCode).toBe(143);
    await expect(run("no-such-program-here", [])).rejects.toMatchObject({ kind: "unavailable" });
    expect(runSync("sh", ["-c", "kill -KILL $$"]).exitCode).toBe(137);
    expect(() => runSync("no-such-program-here", [])).toThrow("program not found");
    expect(() => spawnChild("no-such-program-here", [])).toThrow("program not found");
  });

  it("is cancelled by its signal", async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 50);
    await expect(run("sleep", ["30"], { signal: stop.signal })).rejects.toMatchObject({ kind: "cancelled" });
  });

  it("runs synchronously with input", () => {
    expect(runSync("cat", [], { input: "text" }).stdout.toString()).toBe("text");
  });
});

describe("findExecutable", () => {
  it("searches directories in order and takes a path as it is", () => {
    expect(findExecutable("sh", ["/nope", "/bin/"])).toBe("/bin/sh");
    expect(findExecutable("/bin/sh", [])).toBe("/bin/sh");
    expect(findExecutable("/etc/passwd")).toBeUndefined();
    expect(findExecutable("bin", ["/"])).toBeUndefined();
  });
});

describe("re-entry", () => {
  it("marks the entry and dispatches to it", async () => {
    expect(reexecArguments("thing", ["a"]).args.slice(-2)).toEqual(["__thing", "a"]);
    expect(await runReexecEntry(["__thing", "a", "b"], { thing: (args) => args.length })).toBe(2);
    expect(runReexecEntry(["ps"])).toBeUndefined();
    expect(runReexecEntry(["__unknown"])).toBeUndefined();
    expect(runReexecEntry(["__constructor"])).toBeUndefined();
  });
});
