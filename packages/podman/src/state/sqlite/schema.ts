import type { Database } from "bun:sqlite";
import { ToolError } from "@containers/common/errors/tool-error";

/**
 * One entry per version of the schema: what leads to it from the version before. An entry that has been released never
 * changes; a change is a new entry.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE containers (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT UNIQUE NOT NULL,
    image_id TEXT NOT NULL,
    image_name TEXT NOT NULL,
    pod_id TEXT NOT NULL,
    is_infra INTEGER NOT NULL,
    auto_remove INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    process TEXT NOT NULL,
    command TEXT NOT NULL,
    labels TEXT NOT NULL,
    mounts TEXT NOT NULL,
    volumes TEXT NOT NULL,
    networks TEXT NOT NULL,
    ports TEXT NOT NULL,
    exposed TEXT NOT NULL,
    cidfile TEXT NOT NULL,
    config TEXT NOT NULL
  );
  CREATE TABLE container_states (
    id TEXT PRIMARY KEY NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    pid INTEGER NOT NULL,
    pid_start_time INTEGER NOT NULL,
    conmon_pid INTEGER NOT NULL,
    exit_code INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT NOT NULL,
    restart_count INTEGER NOT NULL,
    boot_id TEXT NOT NULL,
    needs_cleanup INTEGER NOT NULL,
    health TEXT NOT NULL DEFAULT '',
    state TEXT NOT NULL
  );
  CREATE TABLE container_dependencies (
    id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    dependency_id TEXT NOT NULL,
    PRIMARY KEY (id, dependency_id)
  ) WITHOUT ROWID;
  CREATE TABLE container_volumes (
    id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    volume TEXT NOT NULL,
    PRIMARY KEY (volume, id)
  ) WITHOUT ROWID;
  CREATE TABLE exec_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    container_id TEXT NOT NULL REFERENCES containers (id) ON DELETE CASCADE,
    session TEXT NOT NULL
  );
  CREATE INDEX exec_sessions_by_container ON exec_sessions (container_id);
  CREATE TABLE exit_codes (id TEXT PRIMARY KEY NOT NULL, exit_code INTEGER NOT NULL, noted_at INTEGER NOT NULL);
  CREATE TABLE volumes (name TEXT PRIMARY KEY NOT NULL, created_at TEXT NOT NULL, record TEXT NOT NULL);
  `,
  `
  CREATE TABLE pods (id TEXT PRIMARY KEY NOT NULL, name TEXT UNIQUE NOT NULL, created_at TEXT NOT NULL, record TEXT NOT NULL);
  CREATE INDEX containers_by_pod ON containers (pod_id) WHERE pod_id <> '';
  `,
];

/** Brings the file to the newest schema; refuses one that a newer release has written. */
export function migrate(database: Database, path: string): void {
  const version = readVersion(database);
  if (version === MIGRATIONS.length) return;
  if (version > MIGRATIONS.length) {
    throw new ToolError("unsupported", `state file ${path} has schema ${version}, newer than this program knows`, {
      hint: "use the newer release",
    });
  }
  database.run("BEGIN EXCLUSIVE");
  try {
    // Read again: another process may have migrated while this one waited for the lock.
    for (const step of MIGRATIONS.slice(readVersion(database))) database.run(step);
    database.run(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.run("COMMIT");
  } catch (error) {
    database.run("ROLLBACK");
    throw error;
  }
}

function readVersion(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}
