import { readFileSync } from "node:fs";
import { defineFlags, type FlagValues } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";

/** How a container is put in a pod. */
export const podFlags = defineFlags({
  pod: { type: "string", description: "Run in this pod (name or id; new:NAME makes it)" },
  "pod-id-file": { type: "string", description: "Read the pod's id from this file" },
});

/** The pod that {@link podFlags} name. */
export function podReference({ pod, podIdFile }: FlagValues<typeof podFlags>): string | undefined {
  if (podIdFile === undefined || podIdFile === "") return pod === "" ? undefined : pod;
  if (pod !== undefined && pod !== "") throw new ToolError("invalid-argument", "cannot specify both --pod and --pod-id-file");
  try {
    return readFileSync(podIdFile, "utf8").trim();
  } catch {
    throw new ToolError("invalid-argument", `reading pod ID file: open ${podIdFile}: no such file or directory`);
  }
}
