/**
 * What the everyday commands load before they do anything: each module costs time in every call. Dynamic imports do not count, nor does `require`; what is rarely
 * needed belongs behind one.
 */
import { join } from "node:path";
import { staticClosure } from "@containers/common/testing/static-closure";
import { describe, expect, it } from "vitest";

/** What looking takes of the runtime. Other modules of its own cost up to seven milliseconds each. */
const LOOKING = ["bun:ffi", "bun:sqlite", "node:fs", "node:path"];
/** A third of a millisecond more. */
const CHANGING = [...LOOKING, "node:os", "node:timers/promises"];

const main = "../main.ts";
const opening = ["../engine/open-engine.ts", main];
const container = "./commands/container";

/** Entry modules of a command, what it may take of the runtime, and how many modules they may lead to: a tenth more than when this was written. */
const commands: ReadonlyArray<readonly [name: string, entries: readonly string[], cheap: readonly string[], limit: number]> = [
  ["--version", [main], LOOKING, 50],
  ["ps", [...opening, `${container}/list.ts`, `${container}/container-rows.ts`], LOOKING, 181],
  ["inspect", [...opening, "./commands/inspect.ts", "../containers/inspect/inspect-container.ts"], LOOKING, 196],
  ["images", [...opening, "./commands/image/list.ts"], LOOKING, 202],
  ["image inspect", [...opening, "./commands/image/inspect.ts"], LOOKING, 190],
  ["run", [...opening, `${container}/run.ts`, "../containers/lifecycle/run.ts"], CHANGING, 358],
  ["start", [...opening, `${container}/start.ts`], CHANGING, 341],
  ["exec", [...opening, `${container}/exec.ts`], CHANGING, 228],
  ["rm", [...opening, `${container}/rm.ts`], CHANGING, 264],
];

describe("what a command loads", () => {
  it.each(commands)("%s", (_name, entries, cheap, limit) => {
    const modules = [...staticClosure(entries.map((entry) => join(import.meta.dirname, entry)))];
    expect(modules.filter((name) => !name.startsWith("/") && !cheap.includes(name))).toEqual([]);
    expect(modules.filter((name) => name.includes("/node_modules/"))).toEqual([]);
    expect(modules.length).toBeLessThanOrEqual(limit);
  });
});
