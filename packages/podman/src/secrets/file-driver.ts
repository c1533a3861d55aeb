import { mkdirSync } from "node:fs";
import { ToolError } from "@containers/common/errors/tool-error";
import { writeFileAtomic } from "@containers/common/fs/atomic-write";
import { withFileLock } from "@containers/common/fs/file-lock";
import { readJson } from "./read-json.ts";

/** The `file` driver: all data in one file that only the user can read, by id, in base64. */
type SecretsData = Readonly<Record<string, string>>;

export function storeSecretData(directory: string, id: string, data: Uint8Array): void {
  change(directory, (all) => ({ ...all, [id]: Buffer.from(data).toString("base64") }));
}

export function deleteSecretData(directory: string, id: string): void {
  change(directory, (all) => Object.fromEntries(Object.entries(all).filter(([key]) => key !== id)));
}

/** @throws not-found when the data has gone */
export function readSecretData(directory: string, id: string): Buffer {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const data = withFileLock(`${directory}/secretsdata.lock`, "read", () => readAll(directory))[id];
  if (data === undefined) throw new ToolError("not-found", `no secret data with ID ${JSON.stringify(id)}: no such secret data`);
  return Buffer.from(data, "base64");
}

function change(directory: string, deed: (all: SecretsData) => SecretsData): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  withFileLock(`${directory}/secretsdata.lock`, "write", () => {
    const changed = Object.entries(deed(readAll(directory))).sort(([one], [other]) => (one < other ? -1 : 1));
    writeFileAtomic(`${directory}/secretsdata.json`, JSON.stringify(Object.fromEntries(changed), null, 2), { mode: 0o600, locked: true });
  });
}

function readAll(directory: string): SecretsData {
  return readJson<SecretsData>(`${directory}/secretsdata.json`) ?? {};
}
