import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { withFileLock } from "@containers/common/fs/file-lock";
import { timestamp } from "../containers/timestamp.ts";
import { readJson } from "./read-json.ts";
import { type SecretDriver, secretDriver } from "./secret-driver.ts";

/** A secret without its data, as secrets.json has it. */
export interface SecretRecord {
  readonly name: string;
  readonly id: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** RFC 3339 with nanoseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
}

interface NewSecret {
  readonly name: string;
  readonly data: Uint8Array;
  readonly driver: string;
  readonly driverOptions: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly metadata?: Readonly<Record<string, string>>;
  /** One that has the name already is the answer, or is replaced. */
  readonly existing?: "ignore" | "replace";
}

/** The original's store of secrets: `secrets.json` with what is known of them, and the data where the driver keeps it. */
export interface SecretStore {
  create(secret: NewSecret): SecretRecord;
  list(): SecretRecord[];
  /** By name, id, or a unique beginning of the id; not-found otherwise. */
  find(reference: string): SecretRecord;
  readData(secret: SecretRecord): Buffer;
  remove(reference: string): SecretRecord;
}

const LARGEST = 512_000;

export function openSecretStore(directory: string): SecretStore {
  const file = `${directory}/secrets.json`;
  const locked = <T>(kind: "read" | "write", deed: () => T): T => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return withFileLock(`${directory}/secrets.lock`, kind, deed);
  };
  return {
    create: (secret) => {
      requireFit(secret);
      const driverOptions = secret.driver === "file" ? { path: `${directory}/filedriver`, ...secret.driverOptions } : secret.driverOptions;
      const driver = secretDriver(secret.driver, driverOptions);
      return locked("write", () => {
        const records = readRecords(file);
        const old = records.find(({ name }) => name === secret.name);
        if (old !== undefined && secret.existing === "ignore") return old;
        if (old !== undefined && secret.existing !== "replace") throw new ToolError("already-exists", `${secret.name}: secret name in use`);
        const now = timestamp();
        const made: SecretRecord = {
          name: secret.name,
          id: freeId(records),
          ...(secret.metadata === undefined ? {} : { metadata: secret.metadata }),
          ...(Object.keys(secret.labels).length === 0 ? {} : { labels: secret.labels }),
          createdAt: old?.createdAt ?? now,
          updatedAt: now,
          driver: secret.driver,
          driverOptions,
        };
        // The data first: a kill in between leaves data that nothing names, never a secret without data.
        driver.store(made.id, secret.data);
        writeRecords(file, [...records.filter((record) => record !== old), made]);
        if (old !== undefined) driverOf(old).delete(old.id);
        return made;
      });
    },
    list: () => locked("read", () => readRecords(file)),
    find: (reference) => locked("read", () => lookUp(readRecords(file), reference)),
    readData: (secret) => driverOf(secret).read(secret.id),
    remove: (reference) =>
      locked("write", () => {
        const records = readRecords(file);
        const gone = lookUp(records, reference);
        writeRecords(
          file,
          records.filter((record) => record !== gone),
        );
        driverOf(gone).delete(gone.id);
        return gone;
      }),
  };
}

function requireFit({ name, data }: NewSecret): void {
  if (!/^[^=/,\0]{1,253}$/.test(name))
    throw new ToolError(
      "invalid-argument",
      `secret name ${JSON.stringify(name)} can not include '=', '/', ',', or the '\\0' (NULL) and be between 1 and 253 characters: invalid secret name`,
    );
  // Such names would mislead whoever lists them, or stand for a directory in the container.
  if (name === "." || name === ".." || name !== name.trim() || /\p{Cc}/u.test(name))
    throw new ToolError(
      "invalid-argument",
      `secret name ${JSON.stringify(name)} must not be '.' or '..', have control characters, or blanks at its ends: invalid secret name`,
    );
  if (data.length === 0 || data.length >= LARGEST)
    throw new ToolError("invalid-argument", "secret data must be larger than 0 and less than 512000 bytes");
}

function lookUp(records: readonly SecretRecord[], reference: string): SecretRecord {
  const exact = records.find(({ name, id }) => name === reference || id === reference);
  if (exact !== undefined) return exact;
  const [found, ...more] = reference === "" ? [] : records.filter(({ id }) => id.startsWith(reference));
  if (more.length > 0) throw new ToolError("invalid-argument", `more than one result secret with prefix ${reference}: secret is ambiguous`);
  if (found === undefined)
    throw new ToolError("not-found", `no secret with name or id ${JSON.stringify(reference)}: no such secret`, {
      code: "no-such-secret",
      exitCode: 125,
    });
  return found;
}

function driverOf({ driver, driverOptions }: SecretRecord): SecretDriver {
  return secretDriver(driver, driverOptions);
}

function freeId(records: readonly SecretRecord[]): string {
  for (;;) {
    const id = randomBytes(13).toString("hex").slice(0, 25);
    if (!records.some((record) => record.id === id)) return id;
  }
}

function readRecords(file: string): SecretRecord[] {
  const parsed = readJson<{ readonly secrets?: Readonly<Record<string, SecretRecord>> }>(file);
  return Object.values(parsed?.secrets ?? {}).map((record) => ({ ...record, driverOptions: record.driverOptions ?? {} }));
}

function writeRecords(file: string, records: readonly SecretRecord[]): void {
  const byId = [...records].sort((one, other) => (one.id < other.id ? -1 : 1));
  const byName = [...records].sort((one, other) => (one.name < other.name ? -1 : 1));
  const content = {
    secrets: Object.fromEntries(byId.map((record) => [record.id, record])),
    nameToID: Object.fromEntries(byName.map(({ name, id }) => [name, id])),
    idToName: Object.fromEntries(byId.map(({ name, id }) => [id, name])),
  };
  writeFileAtomic(file, JSON.stringify(content, null, 2), { mode: 0o600, locked: true });
}
