import type { ProgramDefinition } from "../build-program.ts";
import type { Output } from "../define-command.ts";
import { completeLine } from "./complete.ts";
import { type Completion, type CompletionSource, describeDirective, directives } from "./completion-source.ts";

const silent: CompletionSource = { names: async () => [] };

/**
 * `PROGRAM __complete WORDS…`: cobra's protocol between a program and its completion scripts. One candidate a line, with its description after a
 * tab unless `withDescriptions` is false, then `:DIRECTIVE`.
 */
export async function runCompletion(
  program: ProgramDefinition,
  words: readonly string[],
  io: { readonly out: Output; readonly withDescriptions: boolean },
): Promise<number> {
  const { out, withDescriptions } = io;
  const { candidates, directive } = await complete(program, words);
  const lines = candidates.map(({ value, description }) =>
    withDescriptions && description !== undefined ? `${value}\t${description}` : value,
  );
  out.stdout([...lines, `:${directive}`, ""].join("\n"));
  out.stderr(`${describeDirective(directive)}\n`);
  return 0;
}

/** A shell that waits for candidates has no use for an error. */
async function complete(program: ProgramDefinition, words: readonly string[]): Promise<Completion> {
  try {
    return await completeLine(program, words, (await program.completion?.()) ?? silent);
  } catch {
    return { candidates: [], directive: directives.default };
  }
}
