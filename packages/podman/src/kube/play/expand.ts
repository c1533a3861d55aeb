/**
 * Replaces `$(NAME)` by the variable's value, as kubernetes does in commands and arguments. What is not known stays as it is, and `$$` is one
 * dollar sign: `$$(NAME)` is the text `$(NAME)`.
 */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(?:\$|\(([^)]*)\))/g, (match, name: string | undefined) => {
    if (match === "$$") return "$";
    return (name === undefined ? undefined : variables.get(name)) ?? match;
  });
}

/** `NAME=value` texts by name; later ones win. */
export function variablesOf(entries: readonly string[]): Map<string, string> {
  return new Map(
    entries.flatMap((entry) => {
      const at = entry.indexOf("=");
      return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)] as const] : [];
    }),
  );
}
