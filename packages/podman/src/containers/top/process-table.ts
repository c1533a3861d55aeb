import { ToolError } from "@containers/common/errors/tool-error";
import type { Engine } from "../../engine/engine.ts";
import { podMembers } from "../../pods/members.ts";
import type { PodRecord } from "../../pods/pod-record.ts";
import { runPs } from "./ps.ts";
import { containerProcesses, type ProcessRow } from "./top.ts";
import { type Column, chooseColumns, descriptors } from "./top-columns.ts";

/** What `top` shows. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly rows: ReadonlyArray<readonly string[]>;
  /** What ps(1) printed, where the words were for it. */
  readonly text?: string;
}

/**
 * The processes of a running container: in the columns that format descriptors name, or as ps(1) shows them when the words are none.
 *
 * @throws invalid-state when it does not run; what ps says of options that it does not understand
 */
export async function containerTable(engine: Engine, reference: string, words: readonly string[]): Promise<ProcessTable> {
  const columns = chooseColumns(words);
  if (columns !== undefined) return tableOf(await containerProcesses(engine, reference), columns);
  return parsePs(await runPs(engine, reference, words));
}

/** The processes of all running containers of a pod. ps(1) looks into one container only, and so has no part in it. */
export async function podTable(engine: Engine, pod: PodRecord, words: readonly string[]): Promise<ProcessTable> {
  const columns = chooseColumns(words);
  if (columns === undefined)
    throw new ToolError(
      "invalid-argument",
      `unknown descriptor in ${JSON.stringify(words.join(" "))}: choose of ${descriptors.join(", ")}`,
    );
  const running = (await podMembers(engine, pod)).filter(({ status }) => status === "running" || status === "paused");
  if (running.length === 0) throw new ToolError("invalid-state", "pod top can only be used on pods with at least one running container");
  const rows = await Promise.all(running.map(({ id }) => containerProcesses(engine, id)));
  return tableOf(rows.flat(), columns);
}

/** Rows in chosen columns. */
export function tableOf(rows: readonly ProcessRow[], columns: readonly Column[]): ProcessTable {
  return { titles: columns.map(([title]) => title), rows: rows.map((row) => columns.map(([, cell]) => cell(row))) };
}

/** Words of a line belong to the columns in order; what is too much belongs to the last one, the command. */
function parsePs(text: string): ProcessTable {
  const [heading = "", ...lines] = text.replace(/\n$/, "").split("\n");
  const titles = wordsOf(heading);
  const rows = lines.map((line) => {
    const words = wordsOf(line);
    return words.length <= titles.length ? words : [...words.slice(0, titles.length - 1), words.slice(titles.length - 1).join(" ")];
  });
  return { titles, rows, text };
}

function wordsOf(line: string): string[] {
  return line.split(/[ \t]+/).filter((word) => word !== "");
}
