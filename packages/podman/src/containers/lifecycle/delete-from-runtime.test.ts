import { type ChildProcess, spawn } from "node:child_process";
import { expect, it } from "vitest";
import type { Engine } from "../../engine/engine.ts";
import { containerConfig } from "../testing/container-config.ts";
import { deleteFromRuntime } from "./delete-from-runtime.ts";

const config = containerConfig({ id: process.pid.toString(16).padStart(64, "e") });
const engine = { rootless: true, runtime: () => ({ path: "/usr/bin/crun", delete: async () => undefined }) } as unknown as Engine;

/** A process that waits, under a command line like the runtime's. */
function waiting(...words: string[]): ChildProcess {
  return spawn("/bin/sh", ["-c", "read line", ...words], { argv0: "/usr/bin/crun", stdio: ["pipe", "ignore", "ignore"] });
}

it("what a killed runtime left of making a container is ended, and nothing else", async () => {
  const left = waiting("create", "--bundle", "/b", config.id);
  const others = [waiting("create", "--bundle", "/b", "other"), waiting("start", config.id)];
  try {
    await deleteFromRuntime(engine, config, { unfinished: false });
    expect(left.signalCode).toBeNull();
    const end = async () => {
      await deleteFromRuntime(engine, config, { unfinished: true });
      return left.signalCode;
    };
    await expect.poll(end, { timeout: 10_000 }).toBe("SIGKILL");
    expect(others.map(({ exitCode, signalCode }) => [exitCode, signalCode])).toEqual(others.map(() => [null, null]));
  } finally {
    for (const one of [left, ...others]) one.kill("SIGKILL");
  }
});
