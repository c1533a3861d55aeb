import { expect, it } from "vitest";
import { lackingFor, runInOwnNetwork } from "../testing/in-own-network.ts";

const lacking = lackingFor("netavark", "aardvark-dns", "nft", "ip", "nsenter");

interface Seen {
  readonly before: object;
  readonly seen: Readonly<Record<string, { readonly said: string; readonly left: object }>>;
}

it.skipIf(lacking.length > 0)(
  `a network that was made, or taken down, in part only is taken down without a word and without a rest (needs ${lacking.join(", ") || "nothing more"})`,
  () => {
    const { before, seen } = runInOwnNetwork("./interrupted-cycle.ts") as Seen;
    expect(Object.keys(seen)).toHaveLength(8);
    const names = Object.keys(seen);
    expect(seen).toEqual(Object.fromEntries(names.map((name) => [name, { said: "", left: before }])));
  },
  60_000,
);
