import { isErrorOfKind } from "@containers/common/errors/tool-error";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTar, type TarPart } from "../testing/tar-builder.ts";
import { TarReader } from "./read-tar.ts";
import type { TarEntry } from "./tar-entry.ts";

// The same cases in each run; PROPERTY_SEED=$RANDOM looks at others.
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 1) });

interface Reading {
  readonly entries: readonly Pick<TarEntry, "name" | "type" | "linkName" | "size">[];
  readonly contents: readonly Buffer[];
  /** Bytes handed on, and those that were pushed. */
  readonly bytes: number;
  readonly failed: boolean;
}

/** Reads an archive in pieces of these sizes, over and over; every failure must be the archive's fault. */
function read(archive: Uint8Array, pieces: readonly number[]): Reading {
  const entries: TarEntry[] = [];
  const contents: Buffer[][] = [];
  let bytes = 0;
  const reader = new TarReader({
    raw: (chunk) => void (bytes += chunk.length),
    entry: (entry) => {
      entries.push(entry);
      contents.push([]);
    },
    data: (chunk) => {
      bytes += chunk.length;
      contents.at(-1)?.push(Buffer.from(chunk));
    },
    endEntry: () => undefined,
  });
  const result = (failed: boolean): Reading => ({
    entries: entries.map(({ name, type, linkName, size }) => ({ name, type, linkName, size })),
    contents: contents.map((chunks) => Buffer.concat(chunks)),
    bytes,
    failed,
  });
  try {
    for (let at = 0, turn = 0; at < archive.length; turn++) {
      const size = pieces[turn % pieces.length] ?? archive.length;
      reader.push(archive.subarray(at, at + size));
      at += size;
    }
    reader.finish();
    return result(false);
  } catch (error) {
    if (!isErrorOfKind(error, "corrupt")) throw error;
    return result(true);
  }
}

const pieces = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 8 });
const name = fc
  .array(fc.stringMatching(/^[a-zA-Z0-9_.ü-]{1,60}$/), { minLength: 1, maxLength: 6 })
  .map((parts) => parts.join("/"))
  .filter((path) => !path.split("/").includes(".."));
const part: fc.Arbitrary<TarPart> = fc.oneof(
  fc.record({ name, content: fc.uint8Array({ maxLength: 3000 }) }),
  name.map((path) => ({ name: `${path}/` })),
  fc.record({ name, type: fc.constant("symlink" as const), linkName: name }),
);

describe("an archive", () => {
  it("is read to the same entries and bytes, however it is cut", () => {
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), pieces, (parts, sizes) => {
        const archive = buildTar(parts);
        const { entries, contents, bytes, failed } = read(archive, sizes);
        expect(failed).toBe(false);
        expect(bytes).toBe(archive.length);
        expect(entries.map((entry) => entry.name)).toEqual(parts.map((entry) => entry.name));
        expect(contents.map((content) => content.toString("hex"))).toEqual(
          parts.map((entry) => Buffer.from(entry.content ?? "").toString("hex")),
        );
      }),
    );
  });

  it("with damaged bytes is read or refused as corrupt, and the same way however it is cut", () => {
    const damage = fc.array(fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }) }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), damage, pieces, (parts, changes, sizes) => {
        const archive = buildTar(parts);
        for (const { at, byte } of changes) archive[at % archive.length] = byte;
        const cut = read(archive, sizes);
        expect(cut.bytes).toBeLessThanOrEqual(archive.length);
        const whole = read(archive, [archive.length]);
        expect([cut.failed, cut.entries]).toEqual([whole.failed, whole.entries]);
      }),
      { numRuns: 300 },
    );
  });

  it("of arbitrary bytes is refused as corrupt at worst", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), pieces, (bytes, sizes) => {
        expect(read(bytes, sizes).bytes).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});
