import type { HistoryEntry } from "../working-container/image-config.ts";

export interface NewHistory {
  readonly base: readonly HistoryEntry[];
  /** Entries of steps that were carried out before this commit without one of their own. */
  readonly before: readonly HistoryEntry[];
  /** Of the commit itself, unless an earlier one has told all. */
  readonly own?: HistoryEntry;
  readonly after: readonly HistoryEntry[];
  /** Image that the stage started from, as its name; undefined for scratch and for image ids. */
  readonly fromName?: string;
}

/** The history of an image about to be committed; its first new entry says what it was made from. */
export function buildHistory(parts: NewHistory): HistoryEntry[] {
  const added = [...parts.before, ...(parts.own === undefined ? [] : [parts.own]), ...parts.after];
  return [
    ...parts.base,
    ...added.map((entry, index) => (index === 0 && parts.fromName !== undefined ? withComment(entry, `FROM ${parts.fromName}`) : entry)),
  ];
}

function withComment(entry: HistoryEntry, comment: string): HistoryEntry {
  const present = entry.comment ?? "";
  return { ...entry, comment: present === "" ? comment : `${present} ${comment}` };
}
