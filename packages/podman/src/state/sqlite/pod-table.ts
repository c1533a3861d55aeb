import type { Database } from "bun:sqlite";
import { ToolError } from "@containers/common/errors/tool-error";
import type { PodRecord } from "../../pods/pod-record.ts";
import type { PodTable } from "../state.ts";

interface Row {
  readonly record: string;
}

export function podTable(database: Database): PodTable {
  const select = (where: string, ...values: readonly string[]): PodRecord[] =>
    database
      .query<Row, string[]>(`SELECT record FROM pods WHERE ${where} LIMIT 2`)
      .all(...values)
      .map(toPod);
  return {
    insert(pod) {
      const result = database
        .query("INSERT OR IGNORE INTO pods (id, name, created_at, record) VALUES (?, ?, ?, ?)")
        .run(pod.id, pod.name, pod.createdAt, JSON.stringify(pod));
      if (result.changes === 0)
        throw new ToolError("already-exists", `adding pod to state: name "${pod.name}" is in use: pod already exists`, {
          code: "name-in-use",
        });
    },
    get: (id) => select("id = ?", id)[0],
    resolve(reference) {
      const [exact] = select("id = ? OR name = ?", reference, reference);
      if (exact !== undefined || reference === "") return exact;
      const found = select("substr(id, 1, length(?)) = ?", reference, reference);
      if (found.length > 1)
        throw new ToolError("invalid-argument", `more than one result for ID or name ${reference}: pod already exists`, {
          code: "ambiguous",
        });
      return found[0];
    },
    list() {
      return database.query<Row, []>("SELECT record FROM pods ORDER BY created_at").all().map(toPod);
    },
    update(pod) {
      database.query("UPDATE pods SET record = ? WHERE id = ?").run(JSON.stringify(pod), pod.id);
    },
    remove(id) {
      database.query("DELETE FROM pods WHERE id = ?").run(id);
    },
  };
}

function toPod(row: Row): PodRecord {
  return JSON.parse(row.record) as PodRecord;
}
