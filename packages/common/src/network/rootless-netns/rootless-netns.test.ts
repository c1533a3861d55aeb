import { expect, it } from "vitest";
import { lackingFor, runInOwnNetwork } from "../testing/in-own-network.ts";

const lacking = lackingFor("nsenter", "bash", "mkfifo");
const THERE = { namespace: true, files: true, programs: 1 };
const GONE = { namespace: false, files: false, programs: 0 };

it.skipIf(lacking.length > 0)(
  `the rootless network namespace stays as long as somebody uses it, whoever was killed (needs ${lacking.join(", ") || "nothing more"})`,
  () => {
    expect(runInOwnNetwork("./rootless-netns-cycle.ts")).toEqual({
      "in use": THERE,
      "left, but another that was killed before it was counted lives": { ...THERE, count: "1" },
      left: GONE,
      "left by the only one, others were killed after they were counted": GONE,
      "made by one who was killed before it was counted": GONE,
      "removal was cut off after the namespace": GONE,
      "connecting was cut off, and done again": THERE,
      "a session is in it": THERE,
      "the session has ended": GONE,
    });
  },
  60_000,
);
