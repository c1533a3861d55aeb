import type { CommandEntry } from "./define-command.ts";

/** What help shows of an entry, whether it is a command or a group. */
export function describeEntry(entry: CommandEntry): { summary: string; aliases: readonly string[]; hidden: boolean } {
  const shown = "group" in entry ? entry.group : entry;
  return { summary: shown.summary, aliases: shown.aliases ?? [], hidden: shown.hidden === true };
}
