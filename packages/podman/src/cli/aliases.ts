import type { CommandEntry, CommandGroup } from "@containers/common/cli/define-command";
import { containerGroup } from "./commands/container/group.ts";
import { imageGroup } from "./commands/image/group.ts";

const containerWords = [
  "attach",
  "commit",
  "cp",
  "create",
  "diff",
  "exec",
  "export",
  "init",
  "kill",
  "logs",
  "mount",
  "pause",
  "port",
  "ps",
  "rename",
  "restart",
  "rm",
  "run",
  "start",
  "stats",
  "stop",
  "top",
  "unmount",
  "unpause",
  "update",
  "wait",
];
const imageWords = ["history", "import", "load", "pull", "push", "save", "search", "tag", "untag"];

/** Words of the top level that stand for a command further down: `podman ps` is `podman container ps`. */
export const topLevelWords: Readonly<Record<string, CommandEntry>> = {
  ...pick(containerGroup, containerWords),
  ...pick(imageGroup, imageWords),
  ...renamed(imageGroup, "list", "images"),
  ...renamed(imageGroup, "rm", "rmi"),
};

function pick(group: CommandGroup, words: readonly string[]): Record<string, CommandEntry> {
  const picked: Record<string, CommandEntry> = {};
  for (const word of words) Object.assign(picked, renamed(group, word, word));
  return picked;
}

function renamed(group: CommandGroup, word: string, name: string): Record<string, CommandEntry> {
  const entry = group.commands[word];
  if (entry === undefined || "group" in entry) return {};
  return { [name]: name === word ? entry : { ...entry, aliases: [] } };
}
