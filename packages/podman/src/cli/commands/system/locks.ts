import { defineCommand } from "@containers/common/cli/define-command";
import { heldLocks } from "../../../locks/held-locks.ts";
import { localEngine } from "../../on-side.ts";

/** `podman system locks`. Locks have the names of what they are for, so that no two can share one. */
export const locksCommand = defineCommand({
  name: "locks",
  hidden: true,
  summary: "Debug Libpod's use of locks, identifying any potential conflicts",
  description: "Prints which locks are held at this moment. Each container, pod and volume has its own, so none can be in conflict.",
  examples: ["podman system locks"],
  flags: {},
  args: { max: 0 },
  run: (invocation) => {
    const held = heldLocks(localEngine(invocation).locks);
    invocation.out.stdout(
      ["\nNo lock conflicts have been detected.\n", ...held.map((name) => `Lock ${name} is presently being held`), ""].join("\n"),
    );
    return undefined;
  },
});
