import { expect, it } from "vitest";
import { lackingFor, runInOwnNetwork } from "../testing/in-own-network.ts";

const lacking = lackingFor("netavark", "aardvark-dns", "nft", "ip");

interface Seen {
  readonly answers: readonly string[];
  readonly clash: string;
  readonly statuses: ReadonlyArray<{
    readonly net1: { readonly interfaces: { readonly eth0: { readonly subnets: ReadonlyArray<{ readonly ipnet: string }> } } };
  }>;
  readonly before: object;
  readonly during: { readonly interfaces: readonly string[]; readonly rules: number };
  readonly after: { readonly interfaces: readonly string[]; readonly namespaces: readonly string[]; readonly rules: number };
}

it.skipIf(lacking.length > 0)(
  `two containers on a bridge find each other, and nothing of them stays (needs ${lacking.join(", ") || "nothing more"})`,
  () => {
    const seen = runInOwnNetwork("./bridge-cycle.ts") as Seen;
    expect(seen.statuses.map(({ net1 }) => net1.interfaces.eth0.subnets[0]?.ipnet)).toEqual(["10.89.0.2/24", "10.89.0.3/24"]);
    expect(seen.answers).toEqual(["10.89.0.2", "10.89.0.3", "10.89.0.2"]);
    expect(seen.clash).toContain("requested static ip 10.200.0.1 not in any subnet on network net1");
    // Names that the machine outside has are not taken, although this namespace has none of them.
    expect(seen.during.interfaces).toContainEqual(expect.stringMatching(/^podman\d+$/));
    expect(seen.during.rules).toBeGreaterThan(0);
    expect(seen.after).toEqual(seen.before);
    expect(seen.after).toEqual({ interfaces: [], namespaces: [], rules: 0 });
  },
  60_000,
);
