import { ToolError } from "@containers/common/errors/tool-error";
import { chompHeredoc } from "../parser/heredocs.ts";
import type { Environment } from "../words/environment.ts";
import { parseFlags } from "./flags.ts";
import { commandWords, type Step } from "./step.ts";

export interface RunInstruction {
  readonly command: readonly string[];
  /** The command is one text for the stage's shell. */
  readonly shell: boolean;
  /** Values of `--mount=`. */
  readonly mounts: readonly string[];
  readonly network?: string;
  /** Here-documents, bodies not expanded: the shell does that. */
  readonly files: ReadonlyArray<{ readonly name: string; readonly data: string }>;
}

/** RUN. `environment` is what its flags may use. */
export function parseRun(step: Step, environment: Environment): RunInstruction {
  const flags = parseFlags(step.flags, environment, {
    values: ["mount", "network", "security"],
    switches: [],
    refusal: "RUN only supports the --mount, --network and --security flags",
  });
  if (step.args.length === 0) throw new ToolError("invalid-argument", "RUN requires at least one argument");
  const network = flags.last("network");
  const security = flags.last("security");
  if (security !== undefined && security !== "sandbox")
    throw new ToolError("unsupported", `RUN --security=${security} is not supported`, { hint: "only sandbox is" });
  return {
    command: commandWords(step),
    shell: !step.json,
    mounts: flags.all("mount"),
    ...(network === undefined ? {} : { network }),
    files: step.heredocs.map((heredoc) => ({
      name: heredoc.name,
      data: (heredoc.chomp ? chompHeredoc(heredoc.content) : heredoc.content).replace(/^\n/, ""),
    })),
  };
}
