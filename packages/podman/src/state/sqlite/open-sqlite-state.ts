import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import type { State } from "../state.ts";
import { containerTable } from "./container-table.ts";
import { execSessionTable } from "./exec-session-table.ts";
import { exitCodeTable } from "./exit-code-table.ts";
import { podTable } from "./pod-table.ts";
import { migrate } from "./schema.ts";
import { volumeTable } from "./volume-table.ts";

const WITHOUT_STATE = "once it is moved away, `podman ps --all --external` lists the containers and `podman rm` removes them";

/**
 * Opens (or makes) the state file. It is in WAL mode with `synchronous = NORMAL`: a commit is one append without an fsync
 * (0.04 ms against 0.9 ms), a killed process loses nothing that it committed, and a power failure loses at most
 * the last commits but never consistency. Programs end without closing it: the log is merged every 200 pages instead
 * of at each program's end. See docs/decisions/0001-state-in-sqlite.md.
 */
export function openSqliteState(path: string): State {
  const database = openDatabase(path);
  let depth = 0;
  const transaction = <T>(body: () => T): T => {
    if (depth > 0) return body();
    database.run("BEGIN IMMEDIATE");
    depth += 1;
    try {
      const result = body();
      database.run("COMMIT");
      return result;
    } catch (error) {
      database.run("ROLLBACK");
      throw error;
    } finally {
      depth -= 1;
    }
  };
  return {
    containers: containerTable(database, transaction),
    execSessions: execSessionTable(database),
    exitCodes: exitCodeTable(database),
    pods: podTable(database),
    volumes: volumeTable(database),
    transaction,
    close: () => database.close(),
  };
}

function openDatabase(path: string): Database {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const database = new Database(path, { create: true, readwrite: true, strict: true });
    database.run(
      "PRAGMA busy_timeout = 100000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 200; PRAGMA foreign_keys = ON",
    );
    migrate(database, path);
    return database;
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const isSpoilt = /malformed|not a database/.test(String(error));
    throw isSpoilt
      ? new ToolError("corrupt", `the state file ${path} is spoilt`, { cause: error, hint: WITHOUT_STATE })
      : wrapError(`opening the state file ${path}`, error);
  }
}
