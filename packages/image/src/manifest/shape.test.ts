import { describe, expect, it } from "vitest";
import { flag, list, literal, map, nullish, object, optional, size, text, textThat, withDefault } from "./shape.ts";

const shape = object({
  version: literal(2),
  name: withDefault(text, ""),
  size,
  tags: nullish(list(text)),
  labels: optional(map(text)),
  empty: optional(flag),
  hex: optional(textThat((value) => /^[0-9a-f]+$/.test(value), "not hexadecimal")),
});

describe("shapes", () => {
  it("passes what is right, fills in defaults and keeps what it does not know", () => {
    expect(shape({ version: 2, size: 1, tags: null, labels: { a: "b" }, more: [1] }, "")).toEqual({
      version: 2,
      name: "",
      size: 1,
      tags: null,
      labels: { a: "b" },
      more: [1],
    });
  });

  it.each([
    [null, "expected an object"],
    [[], "expected an object"],
    [{ size: 1 }, "version: expected 2"],
    [{ version: 2 }, "size: expected a whole number, not negative"],
    [{ version: 2, size: -1 }, "size: expected a whole number, not negative"],
    [{ version: 2, size: 1.5 }, "size: expected a whole number, not negative"],
    [{ version: 2, size: 1, name: null }, "name: expected a text"],
    [{ version: 2, size: 1, tags: ["a", 1] }, "tags.1: expected a text"],
    [{ version: 2, size: 1, tags: {} }, "tags: expected a list"],
    [{ version: 2, size: 1, labels: { a: 1 } }, "labels.a: expected a text"],
    [{ version: 2, size: 1, labels: null }, "labels: expected an object"],
    [{ version: 2, size: 1, empty: 0 }, "empty: expected true or false"],
    [{ version: 2, size: 1, hex: "xyz" }, "hex: not hexadecimal"],
  ])("refuses %j", (value, message) => {
    expect(() => shape(value, "")).toThrow(message);
  });

  it("takes no prototype from a stranger", () => {
    const value = shape(JSON.parse('{"version":2,"size":1,"__proto__":{"config":1}}'), "");
    expect("config" in value).toBe(false);
  });
});
