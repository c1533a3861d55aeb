import { writeFileSync } from "node:fs";
import { ToolError } from "../../errors/tool-error.ts";
import { type CommandDefinition, defineCommand } from "../define-command.ts";
import { type Shell, shells } from "./completion-group.ts";
import { completionScript } from "./scripts.ts";

/** `podman completion SHELL`. */
export const podmanCompletionCommand = defineCommand({
  name: "completion",
  summary: "Generate shell autocompletions",
  description: "Prints a script that completes commands, flags and names of existing things in bash, zsh, fish or PowerShell.",
  usage: `{${shells.join("|")}}`,
  examples: ["podman completion bash", "podman completion zsh -f _podman", "podman completion fish --no-desc"],
  flags: {
    file: { type: "string", short: "f", description: "Output the completion to file rather than stdout" },
    "no-desc": { type: "bool", description: "Don't include descriptions in the completion output" },
  },
  args: { min: 1, max: 1 },
  needsUserNamespace: false,
  run: ({ flags, args, out }) => {
    const shell = shells.find((name) => name === args[0]);
    if (shell === undefined) throw new ToolError("invalid-argument", `invalid argument ${JSON.stringify(args[0])} for "podman completion"`);
    const script = completionScript(shell, "podman", !flags.noDesc);
    if (flags.file === undefined) out.stdout(script);
    else writeFileSync(flags.file, script);
    return undefined;
  },
});

/** `buildah completion SHELL` and `skopeo completion SHELL`. */
export function shellCommand(program: string, shell: Shell, summary: string): CommandDefinition {
  return defineCommand({
    name: shell,
    summary,
    description: `Prints a script that completes commands, flags and names of existing things in ${shell}.`,
    flags: { "no-descriptions": { type: "bool", description: "disable completion descriptions" } },
    needsUserNamespace: false,
    run: ({ flags, out }) => {
      out.stdout(completionScript(shell, program, !flags.noDescriptions));
      return undefined;
    },
  }) as CommandDefinition;
}
