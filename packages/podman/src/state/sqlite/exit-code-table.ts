import type { Database } from "bun:sqlite";
import type { ExitCodeTable } from "../state.ts";

/** How long the exit code of a removed container is remembered, in seconds: as long as the original does. */
const RETENTION = 300;

export function exitCodeTable(database: Database): ExitCodeTable {
  return {
    set(id, exitCode) {
      database.query("INSERT OR REPLACE INTO exit_codes (id, exit_code, noted_at) VALUES (?, ?, unixepoch())").run(id, exitCode);
    },
    get(id) {
      return database.query<{ exit_code: number }, [string]>("SELECT exit_code FROM exit_codes WHERE id = ?").get(id)?.exit_code;
    },
    prune() {
      database.query("DELETE FROM exit_codes WHERE noted_at < unixepoch() - ? AND id NOT IN (SELECT id FROM containers)").run(RETENTION);
    },
  };
}
