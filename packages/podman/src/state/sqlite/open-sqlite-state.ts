import { Database } from "bun:sqlite";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { ToolError, wrapError } from "@containers/common/errors/tool-error";
import { linuxSys } from "@containers/common/sys/linux";
import type { FileSys } from "@containers/common/sys/sys";
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
 * the last commits but never consistency. Programs end without merging the log ({@link holdOpen}): that is done every 200 pages
 * instead of at each program's end. See docs/decisions/0001-state-in-sqlite.md.
 */
export function openSqliteState(path: string, sys: Pick<FileSys, "ofdLock"> = linuxSys()): State {
  const database = openDatabase(path);
  const release = holdOpen(database, path, sys);
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
    close: () => {
      release();
      database.close();
    },
  };
}

/**
 * The runtime merges the log of every database when the program ends, and the last one to close a file removes it: four flushes to the disk for a
 * program that wrote, two files made and removed for one that read. It merges no log that it reads itself at that moment, and removes it only when it gets
 * the file to itself: a read lock of an open file's own stands in the way of that, of nothing else in WAL mode, and goes when the process has gone.
 * Gives what undoes all this, to be called before the database is closed.
 */
function holdOpen(database: Database, path: string, sys: Pick<FileSys, "ofdLock">): () => void {
  // Without a log (a network file system) writers need the file to themselves.
  if (database.query<{ journal_mode: string }, []>("PRAGMA journal_mode").get()?.journal_mode !== "wal") return () => undefined;
  const fd = openSync(path, "r");
  sys.ofdLock(fd, "read", false);
  const startReading = (): void => {
    if (!database.inTransaction) database.run("BEGIN; SELECT 1 FROM exit_codes LIMIT 1");
  };
  process.once("exit", startReading);
  return () => {
    process.off("exit", startReading);
    closeSync(fd);
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
