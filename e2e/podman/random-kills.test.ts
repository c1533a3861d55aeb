/**
 * kill -9 of podman, of the monitor and of the runtime at random moments, and power cuts: afterwards the list is true, everything can be removed, and
 * nothing is left on the machine. E2E_KILL_ROUNDS asks for more rounds, E2E_KILL_SEED for the same ones again.
 */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomNumbers } from "../harness/random.ts";
import { ALL_TRAITS, DEEDS } from "../harness/random-kill-deeds.ts";
import { type KillingField, type KillRound, openKillingField, type Victim } from "../harness/random-kills.ts";

const ROUNDS = Number(process.env.E2E_KILL_ROUNDS ?? 8);
const SEED = Number(process.env.E2E_KILL_SEED ?? 1);
const VICTIMS = (process.env.E2E_KILL_VICTIMS?.split(",") ?? ["podman", "conmon", "runtime", "network", "power", "cleanup"]) as Victim[];
const NAMES = process.env.E2E_KILL_DEEDS?.split(",") ?? Object.keys(DEEDS);
/** About as long as a deed takes. */
const LONGEST_MS = 250;
const cannot = spawnSync("unshare", ["-m", "-n", "-p", "--fork", "true"]).status !== 0;

describe.skipIf(cannot).each([{ rootless: false }, { rootless: true }])(
  "killed at random (skipped where no namespaces can be made), rootless: $rootless",
  ({ rootless }) => {
    let field: KillingField;

    beforeAll(async () => {
      field = await openKillingField({ rootless });
    });
    afterAll(async () => {
      await field?.destroy();
    });

    it("leaves what is true, and nothing once all is removed", { timeout: 30_000 * ROUNDS }, async () => {
      const random = randomNumbers(SEED);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
      const failures: string[] = [];
      let hits = 0;
      for (let round = 0; round < ROUNDS; round++) {
        const victim = VICTIMS[round % VICTIMS.length] ?? "podman";
        const traits = { network: pick(["none", "none", "port", "address"] as const), with: ALL_TRAITS.filter(() => random() < 0.25) };
        const plan: KillRound = { victim, deed: pick(NAMES), delay: random() * LONGEST_MS, traits };
        const { hit, problems } = await field.play(plan);
        if (hit) hits++;
        if (round % 25 === 24) console.log(`${round + 1} rounds, ${hits} killed, ${failures.length} failed`);
        if (problems.length === 0) continue;
        const title = `seed ${SEED}, round ${round}, ${JSON.stringify(plan)}, ${hit ? "killed" : "nobody to kill"}`;
        failures.push([title, ...problems].join("\n  "));
        console.log(failures.at(-1));
        await field.reset();
      }
      console.log(`${ROUNDS} rounds with seed ${SEED}: ${hits} killed, ${failures.length} failed`);
      expect(failures).toEqual([]);
    });
  },
);
