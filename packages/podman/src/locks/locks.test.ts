import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linuxSys } from "@containers/common/sys/linux";
import { afterAll, describe, expect, it } from "vitest";
import type { Engine } from "../engine/engine.ts";
import { fileLocks } from "./file-locks.ts";
import { forgetOrphanedLocks } from "./forget-orphaned.ts";
import { heldLocks } from "./held-locks.ts";
import { memoryLocks } from "./memory-locks.ts";

const directory = mkdtempSync(join(tmpdir(), "locks-"));
afterAll(() => rmSync(directory, { recursive: true }));

const implementations = [
  ["file locks", () => fileLocks(linuxSys(), join(directory, "below"))],
  ["memory locks", memoryLocks],
] as const;

describe.each(implementations)("%s", (_, open) => {
  it("excludes a second holder until released", () => {
    const locks = open();
    const held = locks.acquire("a");
    expect(locks.tryAcquire("a")).toBeUndefined();
    expect(locks.tryAcquire("b")).toBeDefined();
    held.release();
    held.release();
    expect(locks.tryAcquire("a")).toBeDefined();
  });
});

describe("file locks between processes", () => {
  it("are released when the holder is killed", () => {
    const modules = {
      locks: join(import.meta.dirname, "file-locks.ts"),
      sys: Bun.resolveSync("@containers/common/sys/linux", import.meta.dirname),
    };
    const script = `
      const { fileLocks } = await import(${JSON.stringify(modules.locks)});
      const { linuxSys } = await import(${JSON.stringify(modules.sys)});
      fileLocks(linuxSys(), ${JSON.stringify(directory)}).acquire("killed");
      process.kill(process.pid, "SIGKILL");`;
    expect(Bun.spawnSync([process.execPath, "-e", script]).signalCode).toBe("SIGKILL");
    expect(existsSync(join(directory, "killed"))).toBe(true);
    expect(fileLocks(linuxSys(), directory).tryAcquire("killed")).toBeDefined();
  });

  it("do not trust a file that was forgotten", () => {
    const locks = fileLocks(linuxSys(), directory);
    const first = locks.acquire("gone");
    locks.forget("gone");
    const second = locks.acquire("gone");
    expect(locks.tryAcquire("gone")).toBeUndefined();
    first.release();
    expect(locks.tryAcquire("gone")).toBeUndefined();
    second.release();
  });
});

describe("held locks", () => {
  it("are told by name, and asking for them changes nothing", () => {
    const locks = fileLocks(linuxSys(), join(directory, "held"));
    const held = [locks.acquire("b"), locks.acquire("a")];
    locks.acquire("free").release();
    expect(heldLocks(locks)).toEqual(["a", "b"]);
    for (const lock of held) lock.release();
    expect(heldLocks(locks)).toEqual([]);
  });
});

describe("orphaned locks", () => {
  it("go, unless somebody holds them or has what they are for", () => {
    const locks = fileLocks(linuxSys(), join(directory, "orphans"));
    const [orphan, held, used, pod] = ["a", "b", "c", "d"].map((letter) => letter.repeat(64));
    for (const name of [orphan, `${orphan}.7.x.lease`, used, pod, "alloc"]) locks.acquire(name ?? "").release();
    locks.acquire(held ?? "");
    const found = (id: string | undefined) => ({ get: (asked: string) => (asked === id ? {} : undefined) });
    forgetOrphanedLocks({ locks, state: { containers: found(used), pods: found(pod) } as unknown as Engine["state"] });
    expect(locks.names().toSorted()).toEqual(["alloc", held, used, pod]);
  });
});
