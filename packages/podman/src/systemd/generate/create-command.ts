import type { FlagSet } from "@containers/common/cli/define-command";
import { createFlagParser } from "@containers/common/cli/parse-flags";

/** The command that a container or pod was made with, taken apart. */
export interface CreateCommand {
  /** Global flags: what stands before the verb. */
  readonly globals: readonly string[];
  /** Flags of the verb. */
  readonly flags: readonly string[];
  /** The image and what follows. */
  readonly args: readonly string[];
  given(flag: string): boolean;
  value(flag: string): unknown;
}

/** Splits a command at its verb (`run`, or `create` after `pod`); undefined when it has none of these. */
export function splitCreateCommand(
  command: readonly string[],
  verbs: readonly (readonly string[])[],
  flags: FlagSet,
): CreateCommand | undefined {
  const found = command.flatMap((_, index) => {
    const verb = verbs.find((words) => words.every((word, offset) => command[index + offset] === word));
    return verb === undefined || index === 0 ? [] : [{ index, length: verb.length }];
  })[0];
  if (found === undefined) return undefined;
  const rest = command.slice(found.index + found.length);
  const parser = createFlagParser();
  parser.add(flags);
  const { args } = parser.parse(rest, 0, true);
  const values = parser.values(flags);
  const camel = (flag: string): string => flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return {
    globals: command.slice(1, found.index),
    flags: rest.slice(0, rest.length - args.length),
    args: rest.slice(rest.length - args.length),
    given: (flag) => parser.given(flag),
    value: (flag) => values[camel(flag)],
  };
}

/**
 * Leaves flags out of a command's: each `alone` as it is written, each `withValue` as `--flag VALUE` and `--flag=VALUE`; a flag of `alone` that ends in =
 * goes with any value.
 */
export function withoutFlags(
  flags: readonly string[],
  out: { readonly alone?: readonly string[]; readonly withValue?: readonly string[] },
): string[] {
  const kept: string[] = [];
  for (let at = 0; at < flags.length; at += 1) {
    const word = flags[at] ?? "";
    if (out.alone?.some((flag) => (flag.endsWith("=") ? word.startsWith(flag) : word === flag)) === true) continue;
    if (out.withValue?.includes(word) === true) {
      at += 1;
      continue;
    }
    if (out.withValue?.some((flag) => word.startsWith(`${flag}=`)) === true) continue;
    kept.push(word);
  }
  return kept;
}
