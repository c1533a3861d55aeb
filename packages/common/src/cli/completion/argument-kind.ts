import type { NameKind } from "./completion-source.ts";

/** What may stand at a position of the command line, as the command's usage line says. */
export type ArgumentKind =
  | { readonly kind: "names"; readonly of: readonly NameKind[]; readonly path: boolean }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "path" }
  | { readonly kind: "text" }
  /** Nothing more is taken. */
  | { readonly kind: "none" };

const nameKinds: ReadonlyArray<readonly [pattern: RegExp, kind: NameKind]> = [
  [/CONTAINER/, "container"],
  [/\bPOD/, "pod"],
  [/IMAGE(?!-NAME)(?<!(SOURCE|DESTINATION)-IMAGE)|\bLIST|^\[?MANIFEST$/, "image"],
  [/NETWORK/, "network"],
  [/VOLUME/, "volume"],
  [/SECRET/, "secret"],
  [/REGISTRY/, "registry"],
  [/IMAGE-NAME|(SOURCE|DESTINATION)-IMAGE|^\[?DESTINATION/, "transport"],
];

/** What stands at `position` (from 0) of a usage line such as `CONTAINER [CONTAINER...]`. */
export function argumentKind(usage: string, position: number): ArgumentKind {
  const words = usage
    .replace(/--\S+( [A-Z]+)?/g, "")
    .replaceAll(" or ", "|")
    .split(" ")
    .filter((word) => word !== "" && !/^\[*\.\.\.\]*$/.test(word));
  const repeats = usage.includes("...");
  const word = words[repeats ? Math.min(position, words.length - 1) : position];
  if (word === undefined) return { kind: "none" };
  const choice = /^\{([a-z|]+)\}$/.exec(word)?.[1];
  if (choice !== undefined) return { kind: "words", words: choice.split("|") };
  const path = /PATH|CONTEXT|FILE|COMMAND|ARG|URI|SOURCE$|SIGNATURE/.test(word);
  const of = nameKinds.filter(([pattern]) => pattern.test(word)).map(([, kind]) => kind);
  if (of.length > 0) return { kind: "names", of, path };
  return path ? { kind: "path" } : { kind: "text" };
}
