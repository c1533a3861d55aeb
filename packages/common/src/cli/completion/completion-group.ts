import type { CommandGroup } from "../define-command.ts";

export const shells = ["bash", "zsh", "fish", "powershell"] as const;

export type Shell = (typeof shells)[number];

/** `buildah completion` and `skopeo completion`: a command for each shell. */
export function completionGroup(program: "buildah" | "skopeo"): CommandGroup {
  const entries = shells.map((shell) => {
    const summary = `Generate the autocompletion script for ${shell}`;
    const load = async () => (await import("./completion-command.ts")).shellCommand(program, shell, summary);
    return [shell, { summary, load }] as const;
  });
  return {
    name: "completion",
    summary: "Generate the autocompletion script for the specified shell",
    description: "Prints a script that completes commands, flags and names of existing things.",
    commands: Object.fromEntries(entries),
  };
}
