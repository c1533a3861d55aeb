import fs from "node:fs";
import path from "node:path";
import { isErrorOfKind, ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { errnoCode } from "@containers/common/sys/sys-error";
import { salvageRecords } from "./salvage-records.ts";
import type { RecordLock } from "./token-lock.ts";

/** A record as it stands in the JSON file. Keys that this version does not know are kept when the file is written again. */
export interface RawRecord {
  id: string;
  [key: string]: unknown;
}

export interface TableEntry {
  readonly raw: RawRecord;
  /** Index of the file that the record is in. */
  readonly file: number;
}

export interface RecordFile {
  readonly path: string;
  /** Written through to the disk; records that a reboot ends anyway need not be. */
  readonly durable: boolean;
}

/**
 * The records of one or more JSON files under one lock. They are read again only when the lock's token, or a file's
 * time, says that another writer was there.
 */
export class RecordTable {
  readonly lock: RecordLock;
  readonly #files: readonly RecordFile[];
  readonly #needsRepair: ((entries: readonly TableEntry[]) => boolean) | undefined;
  #entries: TableEntry[] = [];
  #token: string | undefined;
  #times: readonly string[] = [];

  /** `needsRepair` is asked after each load whether the records call for {@link write} with a repair before they can be used. */
  constructor(lock: RecordLock, files: readonly RecordFile[], needsRepair?: (entries: readonly TableEntry[]) => boolean) {
    this.lock = lock;
    this.#files = files;
    this.#needsRepair = needsRepair;
  }

  /** Calls `action` with the current records under the read lock; `repair` runs first, under the write lock, when they need it. */
  read<T>(action: (entries: readonly TableEntry[]) => T, repair?: (entries: TableEntry[]) => void): T {
    const broken = this.lock.read(() => {
      this.#load();
      return repair !== undefined && this.lock.depth === 1 && this.#needsRepair?.(this.#entries) === true
        ? REPAIR
        : { value: action(this.#entries) };
    });
    if (broken !== REPAIR) return broken.value;
    this.write(() => repair?.(this.#entries));
    return this.lock.read(() => {
      this.#load();
      return action(this.#entries);
    });
  }

  /**
   * Calls `action` with the current records under the write lock. It may change them (and the array) and must then call
   * {@link save}; when it throws, what it changed in memory is forgotten.
   */
  write<T>(action: (entries: TableEntry[]) => T): T {
    return this.lock.write(() => {
      this.#load();
      try {
        return action(this.#entries);
      } catch (error) {
        this.#token = undefined;
        throw error;
      }
    });
  }

  /**
   * Takes from files that cannot be read the records that are whole, and puts the files aside. Returns those files, with the numbers of records that
   * were kept.
   */
  salvage(): ReadonlyArray<{ readonly path: string; readonly kept: number }> {
    return this.lock.write(() => {
      const loaded = this.#files.map((file) => ({ file, ...loadOrSalvage(file.path) }));
      const damaged = loaded.filter((one) => one.damaged);
      if (damaged.length === 0) return [];
      this.#entries = [];
      for (const [index, { records }] of loaded.entries())
        for (const raw of records) if (!this.#entries.some((entry) => entry.raw.id === raw.id)) this.#entries.push({ raw, file: index });
      for (const { file } of damaged) fs.renameSync(file.path, `${file.path}.damaged`);
      this.save(damaged.map(({ file }) => ({ file: this.#files.indexOf(file) })));
      return damaged.map(({ file, records }) => ({ path: file.path, kept: records.length }));
    });
  }

  /** True inside an outer {@link write}, whose caller may have records in the making. */
  get nested(): boolean {
    return this.lock.depth > 1;
  }

  /** Writes the files that these entries are in, or all. Only inside {@link write}. `durable: false` leaves out the flush to disk. */
  save(changed?: readonly Pick<TableEntry, "file">[], options: { readonly durable?: boolean } = {}): void {
    this.#token = this.lock.recordWrite();
    const times = [...this.#times];
    for (const [index, file] of this.#files.entries()) {
      if (changed !== undefined && !changed.some((entry) => entry.file === index)) continue;
      const records = this.#entries.filter((entry) => entry.file === index).map((entry) => entry.raw);
      fs.mkdirSync(path.dirname(file.path), { recursive: true, mode: 0o700 });
      writeFileAtomic(file.path, JSON.stringify(records), {
        mode: 0o600,
        durable: file.durable && options.durable !== false,
        locked: true,
      });
      times[index] = fileTime(file.path);
    }
    this.#times = times;
  }

  #load(): void {
    const token = this.lock.token();
    const times = this.#files.map((file) => fileTime(file.path));
    if (token !== "" && token === this.#token && times.every((time, index) => time === this.#times[index])) return;
    const entries: TableEntry[] = [];
    const seen = new Set<string>();
    for (const [index, file] of this.#files.entries()) {
      for (const raw of loadRecords(file.path)) {
        if (seen.has(raw.id)) continue;
        seen.add(raw.id);
        entries.push({ raw, file: index });
      }
    }
    this.#entries = entries;
    this.#token = token;
    this.#times = times;
  }
}

const REPAIR = Symbol("repair");
const HINT = "podman system check --repair keeps what of it can be read";

function fileTime(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false, bigint: true });
  return stat === undefined ? "" : `${stat.mtimeNs}:${stat.ino}`;
}

function loadOrSalvage(file: string): { readonly records: RawRecord[]; readonly damaged: boolean } {
  // Nobody writes an empty file: a list without records is `[]`.
  const empty = fs.statSync(file, { throwIfNoEntry: false })?.size === 0;
  try {
    return { records: loadRecords(file), damaged: empty };
  } catch (error) {
    if (!isErrorOfKind(error, "corrupt")) throw error;
    return { records: salvageRecords(fs.readFileSync(file, "utf8")), damaged: true };
  }
}

/** The records of a file; none when it is not there. Throws `corrupt`. */
export function loadRecords(file: string): RawRecord[] {
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (errnoCode(error) === "ENOENT") return [];
    throw error;
  }
  if (text.trim() === "") return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ToolError("corrupt", `${file} is not valid JSON`, { cause, hint: HINT });
  }
  // The original writes `null` for an empty list at times.
  if (parsed === null) return [];
  if (!Array.isArray(parsed) || !parsed.every(isRecord))
    throw new ToolError("corrupt", `${file} does not hold a list of records`, { hint: HINT });
  return parsed;
}

function isRecord(value: unknown): value is RawRecord {
  return typeof value === "object" && value !== null && "id" in value && typeof value.id === "string";
}
