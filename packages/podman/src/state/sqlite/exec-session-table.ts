import type { Database } from "bun:sqlite";
import type { ExecSession, ExecSessionTable } from "../state.ts";

interface Row {
  readonly session: string;
}

export function execSessionTable(database: Database): ExecSessionTable {
  return {
    insert(session) {
      database
        .query("INSERT INTO exec_sessions (id, container_id, session) VALUES (?, ?, ?)")
        .run(session.id, session.containerId, JSON.stringify(session));
    },
    get(id) {
      const row = database.query<Row, [string]>("SELECT session FROM exec_sessions WHERE id = ?").get(id);
      return row === null ? undefined : toSession(row);
    },
    ofContainer(containerId) {
      return database
        .query<Row, [string]>("SELECT session FROM exec_sessions WHERE container_id = ? ORDER BY rowid")
        .all(containerId)
        .map(toSession);
    },
    update(session) {
      database.query("UPDATE exec_sessions SET session = ? WHERE id = ?").run(JSON.stringify(session), session.id);
    },
    remove(id) {
      database.query("DELETE FROM exec_sessions WHERE id = ?").run(id);
    },
  };
}

function toSession(row: Row): ExecSession {
  return JSON.parse(row.session) as ExecSession;
}
