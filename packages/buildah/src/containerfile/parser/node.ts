/** One here-document of an instruction: `RUN <<EOF`, `COPY <<"EOF" /file`. */
export interface Heredoc {
  /** The terminator, which COPY also takes as the file's name. */
  readonly name: string;
  /** False when the terminator was quoted: variables stand as they are. */
  readonly expand: boolean;
  /** `<<-`: leading tabs are dropped. */
  readonly chomp: boolean;
  /** Each line preceded by a newline, as the original keeps it in its history. */
  readonly content: string;
}

/** An instruction as text: split into words, but nothing expanded and nothing understood. */
export interface InstructionNode {
  /** Lower case. */
  readonly keyword: string;
  /** The whole logical line after joining continuations: what history and progress lines show. */
  readonly original: string;
  /** Words starting with `--` that stand before the arguments, quotes removed. */
  readonly flags: readonly string[];
  readonly args: readonly string[];
  /** The arguments were a JSON array. */
  readonly json: boolean;
  readonly heredocs: readonly Heredoc[];
  /** ONBUILD: the instruction that it carries. */
  readonly trigger?: InstructionNode;
  /** 1-based, inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

export interface ParsedContainerfile {
  readonly instructions: readonly InstructionNode[];
  readonly escapeToken: "\\" | "`";
  readonly warnings: readonly string[];
}
