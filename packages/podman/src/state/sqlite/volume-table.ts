import type { Database } from "bun:sqlite";
import { ToolError } from "@containers/common/errors/tool-error";
import type { VolumeRecord, VolumeTable } from "../state.ts";

interface Row {
  readonly record: string;
}

export function volumeTable(database: Database): VolumeTable {
  return {
    insert(volume) {
      const result = database
        .query("INSERT OR IGNORE INTO volumes (name, created_at, record) VALUES (?, ?, ?)")
        .run(volume.name, volume.createdAt, JSON.stringify(volume));
      if (result.changes === 0)
        throw new ToolError("already-exists", `volume with name ${volume.name} already exists: volume already exists`);
    },
    get: (name) => get(database, name),
    resolve(reference) {
      const exact = get(database, reference);
      if (exact !== undefined) return exact;
      const rows = database
        .query<Row, [string, string]>("SELECT record FROM volumes WHERE substr(name, 1, length(?)) = ? LIMIT 2")
        .all(reference, reference);
      const [row] = rows;
      if (rows.length > 1)
        throw new ToolError("invalid-argument", `more than one result for volume name ${reference}`, { code: "ambiguous" });
      return row === undefined ? undefined : toVolume(row);
    },
    list() {
      return database.query<Row, []>("SELECT record FROM volumes ORDER BY name").all().map(toVolume);
    },
    update(volume) {
      database.query("UPDATE volumes SET record = ? WHERE name = ?").run(JSON.stringify(volume), volume.name);
    },
    remove(name) {
      database.query("DELETE FROM volumes WHERE name = ?").run(name);
    },
  };
}

function get(database: Database, name: string): VolumeRecord | undefined {
  const row = database.query<Row, [string]>("SELECT record FROM volumes WHERE name = ?").get(name);
  return row === null ? undefined : toVolume(row);
}

function toVolume(row: Row): VolumeRecord {
  return JSON.parse(row.record) as VolumeRecord;
}
