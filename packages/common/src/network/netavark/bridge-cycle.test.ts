import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { findHelper } from "../helper-program.ts";

const lacking = [
  ...(process.geteuid?.() === 0 ? [] : ["root"]),
  ...["netavark", "aardvark-dns", "nft", "ip", "unshare"].filter((name) => findHelper(name) === undefined),
];

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
    const directory = mkdtempSync(`${tmpdir()}/bridge-`);
    try {
      const program = fileURLToPath(new URL("../testing/bridge-cycle.ts", import.meta.url));
      const script = 'mount -t tmpfs tmpfs /run && ip link set lo up && exec "$@"';
      const output = execFileSync("unshare", ["--net", "--mount", "sh", "-c", script, "sh", process.execPath, program, directory], {
        encoding: "utf8",
        timeout: 60_000,
      });
      const seen = JSON.parse(output) as Seen;
      expect(seen.statuses.map(({ net1 }) => net1.interfaces.eth0.subnets[0]?.ipnet)).toEqual(["10.89.0.2/24", "10.89.0.3/24"]);
      expect(seen.answers).toEqual(["10.89.0.2", "10.89.0.3", "10.89.0.2"]);
      expect(seen.clash).toContain("requested static ip 10.200.0.1 not in any subnet on network net1");
      // Names that the machine outside has are not taken, although this namespace has none of them.
      expect(seen.during.interfaces).toContainEqual(expect.stringMatching(/^podman\d+$/));
      expect(seen.during.rules).toBeGreaterThan(0);
      expect(seen.after).toEqual(seen.before);
      expect(seen.after).toEqual({ interfaces: [], namespaces: [], rules: 0 });
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
