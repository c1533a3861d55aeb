import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type FollowOptions, followFile, parseLogLine } from "./k8s-file.ts";

const directory = mkdtempSync(join(tmpdir(), "logs-"));
afterAll(() => rmSync(directory, { recursive: true }));

const at = "2026-01-01T00:00:00.000000000+00:00";
const line = (text: string, tag = "F", stream = "stdout"): string => `${at} ${stream} ${tag} ${text}\n`;

async function collect(path: string, options: Partial<FollowOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text } of followFile(path, { tail: undefined, follow: false, isEnded: () => true, signal: undefined, ...options }))
    lines.push(text);
  return lines;
}

describe("k8s-file log", () => {
  it("parses stream, partial mark and text", () => {
    expect(parseLogLine(`${at} stderr P half a line`)).toEqual({ time: at, stream: "stderr", partial: true, text: "half a line" });
    expect(parseLogLine("nonsense")).toBeUndefined();
  });

  it("gives the last lines; parts count as the line they are of", async () => {
    const path = join(directory, "tail");
    writeFileSync(path, line("one") + line("tw", "P") + line("o") + line("three"));
    expect(await collect(path, { tail: 2 })).toEqual(["tw", "o", "three"]);
    expect(await collect(path, { tail: 0 })).toEqual([]);
    expect(await collect(path, { tail: 99 })).toEqual(["one", "tw", "o", "three"]);
  });

  it("counts a last line that has no end yet", async () => {
    const path = join(directory, "unfinished");
    writeFileSync(path, line("one") + line("two") + line("th", "P") + line("ree", "P"));
    expect(await collect(path, { tail: 1 })).toEqual(["th", "ree"]);
    expect(await collect(path, { tail: 2 })).toEqual(["two", "th", "ree"]);
  });

  it("finds the tail of a file of several blocks", async () => {
    const path = join(directory, "large");
    writeFileSync(path, Array.from({ length: 20_000 }, (_, index) => line(`line ${index}`)).join(""));
    expect(await collect(path, { tail: 3 })).toEqual(["line 19997", "line 19998", "line 19999"]);
    expect((await collect(path, { tail: 15_000 }))[0]).toBe("line 5000");
  });

  it("follows new lines and a replaced file until the container ends", async () => {
    const path = join(directory, "follow");
    writeFileSync(path, line("first"));
    let ended = false;
    const lines = collect(path, { follow: true, isEnded: () => ended });
    await Bun.sleep(60);
    appendFileSync(path, line("second"));
    await Bun.sleep(100);
    writeFileSync(`${path}.tmp`, line("third"));
    renameSync(`${path}.tmp`, path);
    await Bun.sleep(120);
    ended = true;
    expect(await lines).toEqual(["first", "second", "third"]);
  });

  it("waits for a file that is not there yet", async () => {
    expect(await collect(join(directory, "nosuch"))).toEqual([]);
  });
});
