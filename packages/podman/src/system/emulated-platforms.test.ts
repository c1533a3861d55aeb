import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emulatedPlatforms } from "./emulated-platforms.ts";

const AARCH64 = "7f454c460201010000000000000000000200b700";
const MIPSEL = "7f454c4601010100000000000000000002000800";
const MASK = "ffffffffffffff00fffffffffffffffffeffffff";

function entry(magic: string, { state = "enabled", flags = "OCF" } = {}): string {
  return `${state}\ninterpreter /usr/bin/qemu\nflags: ${flags}\noffset 0\nmagic ${magic}\nmask ${MASK}\n`;
}

function binfmt(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "binfmt-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

test("platforms are told from the magic numbers of enabled entries that work in containers", () => {
  const directory = binfmt({
    status: "enabled\n",
    register: "",
    "qemu-mipsel": entry(MIPSEL),
    "qemu-aarch64": entry(AARCH64, { flags: "POCF" }),
    "python3.11": "enabled\ninterpreter /usr/bin/python3.11\nflags: \noffset 0\nmagic 550d0d0a\n",
  });
  expect(emulatedPlatforms(directory)).toEqual(["linux/arm64", "linux/mipsle"]);
});

test("entries that are disabled, or whose interpreter is looked up in the container, do not count", () => {
  const directory = binfmt({
    status: "enabled",
    off: entry(AARCH64, { state: "disabled" }),
    late: entry(MIPSEL, { flags: "OC" }),
  });
  expect(emulatedPlatforms(directory)).toEqual([]);
});

test("nothing is emulated where binfmt_misc is switched off or not there", () => {
  expect(emulatedPlatforms(binfmt({ status: "disabled\n", arm64: entry(AARCH64) }))).toEqual([]);
  expect(emulatedPlatforms(join(binfmt({}), "missing"))).toEqual([]);
});
