import { expect, test } from "vitest";
import { DbusWriter } from "./dbus-message.ts";
import { DbusReader } from "./dbus-reader.ts";

test("what was written is read back, alignment and all", () => {
  const writer = new DbusWriter().byte(7).string("a unit").uint32(0xffffffff).signature("as");
  writer.array(4, () => ["one", "", "three"].forEach((text) => void writer.string(text)));
  const reader = new DbusReader(writer.bytes());
  expect([reader.byte(), reader.string(), reader.uint32(), reader.signature()]).toEqual([7, "a unit", 0xffffffff, "as"]);
  expect(reader.array(4, () => reader.string())).toEqual(["one", "", "three"]);
  expect(reader.atEnd()).toBe(true);
});
