import type { InstructionNode } from "../containerfile/parser/node.ts";
import type { BuildContext } from "./build-context.ts";
import { resourceUsage, usageLine } from "./resource-usage.ts";

/** Prints what the original prints while a stage is built. Silent under `--quiet`. */
export interface StageProgress {
  step(text: string): void;
  commit(): void;
  cacheHit(imageId: string): void;
  cachePulled(name: string): void;
  cachePushed(repositories: readonly string[], key: string): void;
  image(imageId: string | undefined): void;
  /** The stage is done. */
  end(): void;
}

/** Lines of one stage; `total` is known once the base image's own triggers are. */
export function stageProgress(context: BuildContext, index: number, total: () => number): StageProgress {
  const { options, ports, plan } = context;
  const print = (text: string) => {
    if (!options.quiet) ports.stdout(`${text}\n`);
  };
  const prefix = `${options.progressPrefix ?? ""}${plan.stages.length > 1 ? `[${index + 1}/${plan.stages.length}] ` : ""}`;
  const last = index === plan.stages.length - 1;
  let steps = 0;
  let before = options.logUsage === undefined ? undefined : resourceUsage();
  const tellUsage = (): void => {
    if (before === undefined) return;
    const now = resourceUsage();
    options.logUsage?.(usageLine(before, now));
    before = now;
  };
  return {
    end: tellUsage,
    step: (text) => {
      if (steps > 0) tellUsage();
      print(`${prefix}STEP ${++steps}/${total()}: ${text}`);
    },
    commit: () => {
      if (last) print(`${prefix}COMMIT${options.tags[0] === undefined ? "" : ` ${options.tags[0]}`}`);
    },
    cachePulled: (name) => print(`--> Cache pulled from remote ${name}`),
    cachePushed: (repositories, key) => print(`--> Pushing cache [${repositories.join(" ")}]:${key}`),
    cacheHit: (imageId) => print(`--> Using cache ${imageId}`),
    image: (imageId) => {
      if (options.iidFile === undefined) print(`--> ${(imageId ?? "").slice(0, 12)}`);
    },
  };
}

/** The instruction as a STEP line shows it: here-documents by their first line. */
export function stepText(node: InstructionNode): string {
  const summaries = node.heredocs.map((heredoc) => {
    const lines = heredoc.content.trim().split("\n");
    return ` (${lines[0] ?? ""}${lines.length > 1 ? "..." : ""})`;
  });
  return node.original + summaries.join("");
}
