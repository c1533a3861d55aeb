import { type CommandDefinition, defineCommand } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";

/** A word of the original's that is not here: it says so, and what serves instead. */
function absentCommand(name: string, { what, instead }: { readonly what: string; readonly instead: string }): CommandDefinition {
  return defineCommand({
    name,
    summary: what,
    description: `${what}\n\nInstead: ${instead}.`,
    flags: {},
    args: { min: 0 },
    hidden: true,
    passesArguments: true,
    needsUserNamespace: false,
    run: ({ args }) => {
      if (args[0] === "--help" || args[0] === "-h") return 0;
      throw new ToolError("unsupported", `podman ${name} is not there. ${what.replace(/\.$/, "")}`, { hint: instead });
    },
  }) as CommandDefinition;
}

export const machineCommand = absentCommand("machine", {
  what: "This podman runs containers on Linux itself and starts no virtual machines.",
  instead: "run it inside a Linux machine, and reach that one from elsewhere with: podman system connection add NAME ssh://USER@HOST",
});
