import { createHash } from "node:crypto";
import { ToolError } from "@containers/common/errors/tool-error";
import type { Sys } from "@containers/common/sys/sys";
import { compileIgnoreRules } from "../containerfile/ignore-file.ts";
import type { InstructionNode } from "../containerfile/parser/node.ts";
import { lookUp } from "../containerfile/words/environment.ts";
import { SourceTree } from "../copier/source-tree.ts";
import { digestHeader, padding } from "../copier/tar-header.ts";
import { PROXY_ARGUMENTS } from "../plan/build-variables.ts";
import type { BuildOptions } from "./build-options.ts";
import { imageEnvironment, type StageState } from "./stage-state.ts";

export interface CreatedByInputs {
  readonly state: StageState;
  readonly options: BuildOptions;
  /** `file:…`, `dir:…` or `multi:…` of what an ADD or COPY brought in. */
  readonly content: string;
  /** The last instruction of the last stage: what is only done to the final image is noted here. */
  readonly last: boolean;
  /** Names that ARG instructions of this stage declared, as written. */
  readonly declared: ReadonlySet<string>;
  /** Checksums of bind mounts of a RUN, each with a leading colon. */
  readonly mountSums: string;
}

/**
 * The `created_by` of a step's history entry: exactly the original's text, because a step is taken from the
 * cache when an image with the same history is found, whichever of the two made it.
 */
export function createdBy(node: InstructionNode, inputs: CreatedByInputs): string {
  const note = metadataNote(inputs.options, { last: inputs.last, copy: node.keyword === "add" || node.keyword === "copy" });
  switch (node.keyword) {
    case "arg":
      return `/bin/sh -c #(nop) ARG ${usableArguments(inputs.state)
        .map(([name]) => name)
        .sort()
        .join(" ")}${note}`;
    case "run":
      return runText(node, inputs) + note;
    case "add":
    case "copy":
      return `/bin/sh -c #(nop) ${node.keyword.toUpperCase()}${linked(node) && inputs.options.layers ? " --link" : ""} ${inputs.content} in ${node.args.at(-1) ?? ""} ${note}`;
    default:
      return `/bin/sh -c #(nop) ${node.original}${note}`;
  }
}

function linked(node: InstructionNode): boolean {
  return node.flags.some((flag) => flag === "--link" || flag === "--link=true");
}

function runText(node: InstructionNode, inputs: CreatedByInputs): string {
  const args = resolvedArguments(inputs);
  const prefix = args.length === 0 ? "" : `|${args.join(" ").split(" ").length} ${args.join(" ")} `;
  const heredocs = node.heredocs.map((heredoc) => `\n${heredoc.content.trim()}`).join("");
  return `${prefix}/bin/sh -c ${node.original.slice(4)}${heredocs}${inputs.mountSums}`;
}

function usableArguments(state: StageState): Array<readonly [string, string]> {
  return [...state.args.values].filter(([name]) => state.args.allowed.has(name));
}

/** `NAME=value` of the build arguments in use; an image variable of the same name wins, proxies count only when declared. */
function resolvedArguments(inputs: CreatedByInputs): string[] {
  const environment = imageEnvironment(inputs.state);
  return usableArguments(inputs.state)
    .flatMap(([name, value]) => {
      const own = lookUp(environment, name);
      if (own !== undefined) return [`${name}=${own}`];
      return PROXY_ARGUMENTS.includes(name) && !inputs.declared.has(name) ? [] : [`${name}=${value}`];
    })
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Marks images made with flags that change their content, so that builds without those flags do not take them for their own. */
function metadataNote(options: BuildOptions, step: { readonly last: boolean; readonly copy: boolean }): string {
  const unsetLabels = options.unsetLabels.map((label) => `|unsetLabel=${label}`).join("");
  const inheritLabels = options.inheritLabels ? "" : "|inheritLabels=false";
  const unsetAnnotations = step.last ? options.unsetAnnotations.map((name) => `|unsetAnnotation=${name}`).join("") : "";
  const inheritAnnotations = step.last && !options.inheritAnnotations ? "|inheritAnnotations=false" : "";
  const annotations = step.last ? options.annotations.join(",") : "";
  const times = timesNote(options);
  if (step.copy) return [unsetLabels, inheritLabels, unsetAnnotations, inheritAnnotations, times, annotations].join(" ");
  return unsetLabels + inheritLabels + unsetAnnotations + inheritAnnotations + times + annotations;
}

function timesNote(options: BuildOptions): string {
  const clamp = options.sourceDateEpoch !== undefined && options.rewriteTimestamp ? options.sourceDateEpoch : undefined;
  if (options.timestamp !== undefined && (clamp === undefined || options.timestamp < clamp)) return `|force-mtime=${options.timestamp}`;
  return clamp === undefined ? "" : `|clamp-mtime=${clamp}`;
}

/** Digest over a file or directory that a RUN has mounted, so that its cache entry ends when the content changes. */
export async function pathChecksum(sys: Sys, root: string, path: string): Promise<string> {
  const tree = new SourceTree(sys, root);
  try {
    if (tree.stat(path) === undefined) throw new ToolError("not-found", `${path}: no such file or directory`);
    const hash = createHash("sha256");
    for (const entry of tree.entries(path, compileIgnoreRules([]))) {
      hash.update(digestHeader(entry));
      for await (const chunk of entry.type === "file" ? entry.content() : []) hash.update(chunk);
      hash.update(padding(entry.size));
    }
    return `sha256:${hash.digest("hex")}`;
  } finally {
    tree.close();
  }
}
