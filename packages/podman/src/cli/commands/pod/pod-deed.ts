import { defineCommand } from "@containers/common/cli/define-command";
import type { PodReport } from "../../../pods/report.ts";
import { onPods, type PodWays } from "./on-pods.ts";
import { choosePodFlags, printPodReports } from "./targets.ts";

interface PodDeed {
  readonly name: string;
  readonly summary: string;
  readonly description: string;
  readonly examples: readonly string[];
}

/** A command that does one thing to the chosen pods, and knows no flags but those that choose them. */
export function podDeedCommand(deed: PodDeed, ways: PodWays<readonly PodReport[]>) {
  return defineCommand({
    ...deed,
    usage: "POD [POD...]",
    flags: choosePodFlags,
    args: { min: 0 },
    run: async (invocation) => {
      const { flags, args, out } = invocation;
      return printPodReports(await onPods(invocation, { ...flags, args }, ways), out);
    },
  });
}
