import { lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { decodeName, encodeName, fsPath } from "./raw-names.ts";
import { readNames } from "./read-names.ts";

it.each([
  ["", ""],
  ["plain", "plain"],
  ["Főtanúsítvány 日本 😀", "Főtanúsítvány 日本 😀"],
])("names in UTF-8 stay what they are: %j", (name, text) => {
  expect(decodeName(Buffer.from(name))).toBe(text);
  expect(encodeName(text).toString()).toBe(name);
});

it.each(["61e962", "ff", "c3", "e282", "f09f98", "c0af", "eda080", "f4908080", "c3a9e9c3a9", "80ffc3a9fe", "efbbbf61", "efbfbd"])(
  "bytes %s come back",
  (hex) => {
    const text = decodeName(Buffer.from(hex, "hex"));
    expect(encodeName(text).toString("hex")).toBe(hex);
    expect(decodeName(encodeName(text))).toBe(text);
  },
);

it("every two bytes come back", () => {
  for (let first = 0; first < 256; first++)
    for (let second = 0; second < 256; second++) {
      const bytes = Buffer.from([first, second]);
      if (encodeName(decodeName(bytes)).compare(bytes) !== 0) expect.unreachable(bytes.toString("hex"));
    }
});

it("directories are read with the names that they hold", () => {
  const directory = mkdtempSync(join(tmpdir(), "raw-names-"));
  try {
    const names = ["caf\udce9", "café", "plain"];
    for (const name of names) writeFileSync(fsPath(`${directory}/${name}`), "");
    expect(readNames(directory).sort()).toEqual([...names].sort());
    for (const name of names) expect(lstatSync(fsPath(`${directory}/${name}`)).isFile()).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
