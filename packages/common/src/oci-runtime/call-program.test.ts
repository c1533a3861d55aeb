import { afterEach, expect, it } from "vitest";
import { callProgram } from "./call-program.ts";

const running: Bun.Subprocess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});

function sleeper(): Bun.Subprocess {
  const child = Bun.spawn(["sleep", "1000"]);
  running.push(child);
  return child;
}

it("gives what was written, and the exit code", () => {
  expect(callProgram("/bin/sh", ["-c", "cat; echo err >&2; exit 3"], { input: "in" })).toEqual({
    exitCode: 3,
    stdout: "in",
    stderr: "err\n",
  });
  expect(callProgram("/bin/sh", ["-c", "kill -9 $$"]).exitCode).toBe(137);
});

it("does not wait for a program whose partner has ended", async () => {
  const partner = sleeper();
  expect(callProgram("/bin/sh", ["-c", "echo quick"], { partner: partner.pid }).stdout).toBe("quick\n");
  partner.kill("SIGKILL");
  await partner.exited;
  expect(callProgram("/bin/sh", ["-c", "sleep 0.1; echo done"], { partner: partner.pid })).toMatchObject({ exitCode: 0, stdout: "done\n" });
  expect(callProgram("/bin/sleep", ["1000"], { partner: partner.pid }).exitCode).toBe(137);
  const other = sleeper();
  expect(callProgram("/bin/sh", ["-c", `kill -9 ${other.pid}; exec sleep 1000`], { partner: other.pid }).exitCode).toBe(137);
});
