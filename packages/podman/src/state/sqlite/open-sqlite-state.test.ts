import { Database } from "bun:sqlite";
import { existsSync, mkdtempSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { INITIAL_STATE } from "../../containers/state.ts";
import { containerConfig } from "../../containers/testing/container-config.ts";
import { describeState } from "../conformance.ts";
import { openSqliteState } from "./open-sqlite-state.ts";

const directory = mkdtempSync(join(tmpdir(), "state-"));
let count = 0;
const fresh = (): string => join(directory, `${(count += 1)}.sqlite`);

afterAll(() => rmSync(directory, { recursive: true }));

describeState("SQLite state", () => openSqliteState(fresh()));

describe("the state file", () => {
  it("shows one process's commits to another that has it open", () => {
    const path = fresh();
    const [one, two] = [openSqliteState(path), openSqliteState(path)];
    one.containers.insert({ config: containerConfig(), state: INITIAL_STATE });
    expect(two.containers.list()).toHaveLength(1);
  });

  it("survives a process that ends without closing it", () => {
    const path = fresh();
    const script = `
      const { openSqliteState } = await import(${JSON.stringify(join(import.meta.dirname, "open-sqlite-state.ts"))});
      openSqliteState(${JSON.stringify(path)}).exitCodes.set("x", 9);
      process.kill(process.pid, "SIGKILL");`;
    Bun.spawnSync([process.execPath, "-e", script]);
    expect(openSqliteState(path).exitCodes.get("x")).toBe(9);
  });

  it("keeps its log when a program ends, and merges it when it is closed", () => {
    const path = fresh();
    const script = `
      const { openSqliteState } = await import(${JSON.stringify(join(import.meta.dirname, "open-sqlite-state.ts"))});
      openSqliteState(${JSON.stringify(path)}).exitCodes.set("x", 9);
      process.exit(0);`;
    Bun.spawnSync([process.execPath, "-e", script]);
    expect(existsSync(`${path}-wal`)).toBe(true);
    const state = openSqliteState(path);
    expect(state.exitCodes.get("x")).toBe(9);
    state.close();
    expect(existsSync(`${path}-wal`)).toBe(false);
  });

  it("names a file that a power cut has spoilt, and says what to do", () => {
    const path = fresh();
    const state = openSqliteState(path);
    state.containers.insert({ config: containerConfig(), state: INITIAL_STATE });
    state.close();
    truncateSync(path, statSync(path).size / 2);
    expect(() => openSqliteState(path).containers.list()).toThrow(expect.objectContaining({ message: `the state file ${path} is spoilt` }));
  });

  it("refuses a schema of the future", () => {
    const path = fresh();
    openSqliteState(path).close();
    const database = new Database(path);
    database.run("PRAGMA user_version = 99");
    database.close();
    expect(() => openSqliteState(path)).toThrow(/newer than this program/);
  });
});
