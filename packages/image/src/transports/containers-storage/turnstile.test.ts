import { readAll } from "@containers/common/digest/byte-stream";
import { expect, it } from "vitest";
import { Turnstile } from "./turnstile.ts";

async function* slow(parts: number, milliseconds: number, seen: string[], name: string): AsyncGenerator<Uint8Array> {
  for (let part = 0; part < parts; part++) {
    await Bun.sleep(milliseconds);
    seen.push(name);
    yield new TextEncoder().encode(`${name}${part} `);
  }
}

const text = async (stream: AsyncIterable<Uint8Array>): Promise<string> => new TextDecoder().decode(await readAll(stream, 1e6));

it("lets one be worked on at a time, in order", async () => {
  const turnstile = new Turnstile("/var/tmp");
  const log: string[] = [];
  const work =
    (name: string) =>
    async (stream: AsyncIterable<Uint8Array>): Promise<string> => {
      log.push(`${name} in`);
      const all = await text(stream);
      log.push(`${name} out`);
      return all;
    };
  const results = await Promise.all(["a", "b", "c"].map((name) => turnstile.run(slow(2, 1, [], name), work(name))));
  expect(log).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  expect(results[2]).toBe("c0 c1 ");
});

it("reads ahead while the one at work waits for the network", async () => {
  const turnstile = new Turnstile("/var/tmp");
  const seen: string[] = [];
  const results = await Promise.all([turnstile.run(slow(20, 50, seen, "a"), text), turnstile.run(slow(20, 20, seen, "b"), text)]);
  expect(results[1]).toBe(Array.from({ length: 20 }, (_, part) => `b${part} `).join(""));
  expect(seen.indexOf("b")).toBeLessThan(seen.lastIndexOf("a"));
});

it("goes on after a failure, before its turn or in it", async () => {
  const turnstile = new Turnstile("/var/tmp");
  const failing = turnstile.run(slow(3, 1, [], "a"), async () => {
    throw new Error("no");
  });
  const after = turnstile.run(slow(3, 1, [], "b"), text);
  await expect(failing).rejects.toThrow("no");
  expect(await after).toBe("b0 b1 b2 ");
});
