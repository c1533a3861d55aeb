/**
 * Fewer pieces: two groups of modules become one where that spares the recorded commands more than they lose by loading a few modules too many.
 * Everything here is arithmetic on what was recorded; nothing depends on the machine.
 */

/** What opening one more piece costs a command, in bytes of source that are loaded instead (measured: 60 microseconds, and 4 for a thousand bytes). */
const PIECE = 15_000;
/** A monitor stays for as long as its container: what it loads for nothing is memory. */
const MONITOR = "packages/conmon/src/main.ts";
const MONITOR_WEIGHT = 100;

export interface Recorded {
  /** What each command loaded. */
  readonly loaded: ReadonlyArray<ReadonlySet<string>>;
  /** Bytes of a module. */
  size(module: string): number;
  /** What is loaded with a module. */
  imports(module: string): readonly string[];
}

type Groups = ReadonlyArray<readonly string[]>;

/** Groups that together cost the recorded commands least, as far as joining two at a time leads. */
export function joinGroups(groups: Groups, recorded: Recorded): Groups {
  let best = groups;
  let cost = costOf(best, recorded);
  for (;;) {
    const joined = candidates(best, recorded).find((candidate) => costOf(candidate, recorded) < cost);
    if (joined === undefined) return best;
    best = joined;
    cost = costOf(best, recorded);
  }
}

/** Those with two groups joined that would gain without regard to what the members import, the best first. */
function candidates(groups: Groups, { loaded, size }: Recorded): Groups[] {
  const facts = groups.map((members) => ({
    bytes: members.reduce((sum, member) => sum + size(member), 0),
    users: loaded.map((modules) => (members.some((member) => modules.has(member)) ? weightOf(modules) : 0)),
  }));
  const found: Array<{ gain: number; groups: Groups }> = [];
  for (const [a, left] of facts.entries()) {
    for (const [b, right] of facts.entries()) {
      if (b <= a) continue;
      let gain = 0;
      for (const [command, mine] of left.users.entries()) {
        const others = right.users[command] ?? 0;
        if (mine > 0 && others > 0) gain += PIECE;
        else if (mine > 0) gain -= mine * right.bytes;
        else if (others > 0) gain -= others * left.bytes;
      }
      if (gain > 0) {
        const joined = [...(groups[a] ?? []), ...(groups[b] ?? [])];
        found.push({ gain, groups: [...groups.filter((_, index) => index !== a && index !== b), joined] });
      }
    }
  }
  return found.sort((one, other) => other.gain - one.gain).map((one) => one.groups);
}

/** What all recorded commands pay: for pieces, and for bytes. */
function costOf(groups: Groups, { loaded, size, imports }: Recorded): number {
  const groupOf = new Map(groups.flatMap((members, index) => members.map((member) => [member, index] as const)));
  const sizes = groups.map((members) => members.reduce((sum, member) => sum + size(member), 0));
  const led = groups.map((members) => new Set(members.flatMap(imports).flatMap((module) => groupOf.get(module) ?? [])));
  let cost = 0;
  for (const modules of loaded) {
    const opened = new Set<number>();
    const open = [...new Set([...modules].flatMap((module) => groupOf.get(module) ?? []))];
    for (let group = open.pop(); group !== undefined; group = open.pop()) {
      if (opened.has(group)) continue;
      opened.add(group);
      open.push(...(led[group] ?? []));
    }
    for (const group of opened) cost += PIECE + weightOf(modules) * (sizes[group] ?? 0);
  }
  return cost;
}

function weightOf(modules: ReadonlySet<string>): number {
  return modules.has(MONITOR) ? MONITOR_WEIGHT : 1;
}
