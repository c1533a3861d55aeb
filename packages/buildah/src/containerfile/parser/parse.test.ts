import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "@containers/common/errors/tool-error";
import { describe, expect, it } from "vitest";
import { parseContainerfile } from "./parse.ts";

const root = join(import.meta.dirname, "../../../test");

describe("golden Containerfiles", () => {
  for (const name of readdirSync(join(root, "containerfiles"))) {
    it(name, () => {
      const directory = join(root, "containerfiles", name);
      const parsed = parseContainerfile(readFileSync(join(directory, "Containerfile"), "utf8"));
      const golden = join(directory, "result.json");
      // A new case is recorded once; after that, a change of the file is a change of behaviour.
      if (!existsSync(golden)) writeFileSync(golden, `${JSON.stringify(parsed, undefined, 2)}\n`);
      expect(JSON.parse(JSON.stringify(parsed))).toEqual(JSON.parse(readFileSync(golden, "utf8")));
    });
  }
});

describe("refused Containerfiles", () => {
  for (const name of readdirSync(join(root, "containerfiles-negative"))) {
    it(name, () => {
      const directory = join(root, "containerfiles-negative", name);
      const text = readFileSync(join(directory, "Containerfile"), "utf8");
      const message = readFileSync(join(directory, "message"), "utf8").trim();
      expect(() => parseContainerfile(text)).toThrow();
      try {
        parseContainerfile(text);
      } catch (error) {
        expect(describeError(error)).toContain(message);
      }
    });
  }
});

it("survives a byte order mark and DOS line ends", () => {
  const { instructions } = parseContainerfile("\ufeffFROM x\r\nRUN a \\\r\n  b\r\n");
  expect(instructions.map((node) => node.original)).toEqual(["FROM x", "RUN a   b"]);
  expect(instructions[1]).toMatchObject({ startLine: 2, endLine: 3 });
});
