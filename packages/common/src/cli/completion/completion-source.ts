/** What an argument can be the name of. */
export type NameKind = "container" | "pod" | "image" | "network" | "volume" | "secret" | "registry" | "transport";

export interface Candidate {
  readonly value: string;
  readonly description?: string;
}

export interface CompletionRequest {
  /** The words of the command: `podman container stop`. */
  readonly commandPath: string;
  /** The arguments before the word that is being typed. */
  readonly args: readonly string[];
  /** What stands of the word so far. */
  readonly typed: string;
  /** Values of the program's global flags, by camelCase name. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** What a program knows of the things that exist: asked only when names of them are wanted. */
export interface CompletionSource {
  names(kind: NameKind, request: CompletionRequest): Promise<readonly Candidate[]>;
  /** Paths that are not this machine's; undefined where they are. */
  paths?(request: CompletionRequest): Promise<Completion | undefined>;
  /** Values of a flag that are neither its `choices` nor a path; undefined when nothing is known of it. */
  flagValues?(flag: string, request: CompletionRequest): Promise<Completion | undefined>;
}

export interface Completion {
  readonly candidates: readonly Candidate[];
  /** Sum of {@link directives}: what the shell is to do with them. */
  readonly directive: number;
}

/** cobra's numbers: the scripts of the originals understand them, and ours. */
export const directives = { default: 0, noSpace: 2, noFiles: 4 } as const;

/** The line that cobra prints on standard error about a directive. */
export function describeDirective(directive: number): string {
  const names = [
    ...(directive & directives.noSpace ? ["ShellCompDirectiveNoSpace"] : []),
    ...(directive & directives.noFiles ? ["ShellCompDirectiveNoFileComp"] : []),
  ];
  return `Completion ended with directive: ${names.length === 0 ? "ShellCompDirectiveDefault" : names.join(", ")}`;
}
