import { readFileSync, rmSync } from "node:fs";
import { defineFlags, type Output } from "@containers/common/cli/define-command";
import { exitCodeFor } from "@containers/common/cli/exit-codes";
import { describeError, ToolError } from "@containers/common/errors/tool-error";
import { isReplaceable } from "@containers/common/fs/atomic-write";
import type { Engine } from "../../../engine/engine.ts";
import type { PodRecord } from "../../../pods/pod-record.ts";
import type { PodReport } from "../../../pods/report.ts";
import { resolvePod } from "../../../pods/resolve-pod.ts";
import { requireNoArguments } from "../container/targets.ts";

export const latestPodFlag = defineFlags({ latest: { type: "bool", short: "l", description: "Act on the pod created last" } });

/** Flags of the commands that choose pods otherwise than by name. */
export const choosePodFlags = defineFlags({
  ...latestPodFlag,
  all: { type: "bool", short: "a", description: "Act on all pods" },
});

export const podIdFileFlag = defineFlags({ "pod-id-file": { type: "stringArray", description: "Read the pod's id from a file" } });

export interface PodChoice {
  readonly args: readonly string[];
  readonly all?: boolean;
  readonly latest?: boolean;
  readonly podIdFile?: readonly string[];
  /** Pods that are not there are passed over. */
  readonly ignore?: boolean;
}

/**
 * The pods that a command is to act on.
 *
 * @throws ToolError invalid-argument when none or more than one way of choosing was used; not-found
 */
export function choosePods(engine: Pick<Engine, "state">, choice: PodChoice): PodRecord[] {
  const references = podReferences(choice);
  if (choice.latest === true) return [latestPod(engine)];
  if (references === "all") return engine.state.pods.list().filter(({ isCreating }) => !isCreating);
  const known = choice.ignore === true ? references.filter((one) => engine.state.pods.resolve(one) !== undefined) : references;
  return known.map((reference) => resolvePod(engine, reference));
}

/**
 * The pods that the arguments and id files name; none with `--latest`.
 *
 * @throws ToolError invalid-argument when none or more than one way of choosing was used
 */
export function podReferences({ args, all = false, latest = false, podIdFile = [] }: PodChoice): readonly string[] | "all" {
  if (all && latest) throw new ToolError("invalid-argument", "--all and --latest cannot be used together");
  if (podIdFile.length > 0 && (all || latest))
    throw new ToolError("invalid-argument", "--all, --latest, and --pod-id-file cannot be used together");
  requireNoArguments(args, { all, latest });
  if (latest) return [];
  if (all) return "all";
  const references = [...args, ...podIdFile.map(readIdFile)];
  if (references.length === 0) throw new ToolError("invalid-argument", "you must provide at least one name or id");
  return references;
}

/** One pod: the argument, or the latest. */
export function onePod(engine: Pick<Engine, "state">, args: readonly string[], choice: { latest: boolean; missing: string }): PodRecord {
  const [reference] = args;
  if (choice.latest) {
    if (reference !== undefined) throw new ToolError("invalid-argument", "--latest and pods cannot be used together");
    return latestPod(engine);
  }
  if (reference === undefined) throw new ToolError("invalid-argument", choice.missing);
  return resolvePod(engine, reference);
}

/** @throws not-found when there is no pod at all */
export function latestPod(engine: Pick<Engine, "state">): PodRecord {
  const last = engine.state.pods
    .list()
    .filter(({ isCreating }) => !isCreating)
    .at(-1);
  if (last === undefined) throw new ToolError("not-found", "no pods exist: no such pod", { exitCode: 125 });
  return last;
}

/** Prints each pod that all went well with, and each error. The exit code is that of the worst. */
export function printPodReports(
  reports: readonly PodReport[],
  out: Output,
  shown: (pod: PodReport["pod"]) => string = ({ id }) => id,
): number {
  for (const { pod, errors } of reports) if (errors.length === 0) out.stdout(`${shown(pod)}\n`);
  const failed = reports.flatMap(({ errors }) => errors);
  for (const error of failed) out.stderr(`Error: ${describeError(error)}\n`);
  return failed.length === 0 ? 0 : Math.max(...failed.map((error) => exitCodeFor("podman", error)), 125);
}

/** Removes the id files of pods that are gone. */
export async function dropIdFiles(paths: readonly string[], exists: (id: string) => boolean | Promise<boolean>): Promise<void> {
  for (const path of paths) if (isReplaceable(path) && !(await exists(readIdFile(path)))) rmSync(path, { force: true });
}

function readIdFile(path: string): string {
  try {
    return readFileSync(path, "utf8").trim().split("\n")[0] ?? "";
  } catch {
    throw new ToolError("invalid-argument", `reading pod ID file: open ${path}: no such file or directory`);
  }
}
