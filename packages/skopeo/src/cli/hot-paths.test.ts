/** What a look into a registry loads, as podman's test of the same name has it: each module costs time in every call, some of the runtime's own milliseconds. */
import { join } from "node:path";
import { staticClosure } from "@containers/common/testing/static-closure";
import { describe, expect, it } from "vitest";

const CHEAP = ["node:fs", "node:os", "node:path"];
const main = join(import.meta.dirname, "../main.ts");
const image = (module: string): string => Bun.resolveSync(`@containers/image/${module}`, import.meta.dirname);

/** Modules of a command, those that it loads on its way among them, and how many these may lead to: a tenth more than when this was written. */
const commands: ReadonlyArray<readonly [name: string, entries: readonly string[], limit: number]> = [
  ["inspect", [join(import.meta.dirname, "commands/inspect.ts"), image("transports/docker/source")], 103],
  ["list-tags", [join(import.meta.dirname, "commands/list-tags.ts")], 85],
];

describe("what a command loads", () => {
  it.each(commands)("%s", (_name, entries, limit) => {
    const modules = [...staticClosure([main, image("registry-client/tags"), image("auth/lookup"), ...entries])];
    expect(modules.filter((name) => !name.startsWith("/") && !CHEAP.includes(name))).toEqual([]);
    expect(modules.filter((name) => name.includes("/node_modules/"))).toEqual([]);
    expect(modules.length).toBeLessThanOrEqual(limit);
  });
});
