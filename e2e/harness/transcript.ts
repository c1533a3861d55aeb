/**
 * A transcript is a terminal session as documentation shows it:
 *
 *     # prose, for the reader
 *     $ podman run -d --name web nginx       a command; what is below it, up to the next one, is what it prints
 *     <id>
 *     $ cat > greeting <<EOF                 a line that starts with `> ` goes on with the command
 *     > hello
 *     > EOF
 *     $ podman logs nobody
 *     Error: ... no such container           `...` is any text; alone on a line, any number of lines
 *     [exit 125]                             a command that prints no such line must exit 0
 *     $ curl -s localhost:$PORT  # soon      tried again for some seconds, until it prints what is written
 *     hello
 *
 * Output is standard output and standard error together, as a person sees them; runs of blanks count as one, and empty
 * lines as none. Placeholders: `<id>` (64 hexadecimal digits), `<short id>` (12), `<digest>` (`sha256:…`), `<number>`; every other
 * `<words>` stands for some text within its line. `$NAME` in what is expected is the shell's variable.
 */
export interface TranscriptStep {
  readonly command: string;
  readonly expected: readonly string[];
  readonly exitCode: number;
  /** Whether the command is tried again until it gives what is expected. */
  readonly soon: boolean;
}

/** Takes a transcript apart. @throws Error for output that belongs to no command */
export function parseTranscript(text: string): TranscriptStep[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  const steps: { command: string; expected: string[]; exitCode: number; soon: boolean }[] = [];
  for (const line of lines.map((each) => each.slice(margin))) {
    const last = steps.at(-1);
    if (line.startsWith("# ")) continue;
    if (line.startsWith("$ ")) {
      const soon = /\s+# soon$/.test(line);
      steps.push({ command: line.slice(2).replace(/\s+# soon$/, ""), expected: [], exitCode: 0, soon });
    } else if (last === undefined) {
      throw new Error(`a transcript starts with a command, not with: ${line}`);
    } else if (line === ">" || line.startsWith("> ")) {
      last.command += `\n${line.slice(2)}`;
    } else if (/^\[exit \d+\]$/.test(line)) {
      last.exitCode = Number(line.slice(6, -1));
    } else {
      last.expected.push(line);
    }
  }
  return steps;
}

/** Names of the shell variables that a step's expected output mentions. */
export function variablesIn(step: TranscriptStep): string[] {
  return [...new Set(step.expected.flatMap((line) => [...line.matchAll(/\$(\w+)/g)].map((match) => match[1] ?? "")))];
}

/** Whether output is what was expected; `variables` by name. */
export function matches(output: string, expected: readonly string[], variables: ReadonlyMap<string, string>): boolean {
  const pattern = expected.map((line) => (line.trim() === "..." ? "(?:[^\\n]*\\n)*?" : `${linePattern(line, variables)}\\n`)).join("");
  return new RegExp(`^${pattern}$`).test(
    shown(output)
      .map((line) => `${line}\n`)
      .join(""),
  );
}

/** Output as it is compared: no colours, no carriage returns, single blanks, no empty lines. */
export function shown(output: string): string[] {
  return output
    .replace(/\u001b\[[0-9;?]*[A-Za-z]/g, "")
    .split(/[\r\n]+/)
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "");
}

const placeholders: Readonly<Record<string, string>> = {
  id: "[0-9a-f]{64}",
  "short id": "[0-9a-f]{12}",
  digest: "sha256:[0-9a-f]{64}",
  number: "[0-9]+(?:\\.[0-9]+)?",
};

function linePattern(line: string, variables: ReadonlyMap<string, string>): string {
  return line
    .trim()
    .replace(/\s+/g, " ")
    .split(/(<[a-z][a-z0-9 ]*>|\$\w+|\.\.\.)/)
    .map((part, index) => {
      if (index % 2 === 0) return escapeRegExp(part);
      if (part === "...") return "[^\\n]*";
      if (part.startsWith("$")) return escapeRegExp(variables.get(part.slice(1)) ?? part);
      return placeholders[part.slice(1, -1)] ?? "[^\\n]+?";
    })
    .join("");
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
