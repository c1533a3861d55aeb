/** Where the script stands that sets the environment and runs what the definition file says. */
export const SCRIPT_PATH = "podman/runscript";

/** What a definition file makes of an image: the command, and the script that it is where there is one. */
export function commandOf(definition: string | undefined): { readonly command: string; readonly script?: string } {
  const { environment, runscript } = parseDefinition(definition ?? "");
  if (environment.length === 0 && runscript.length === 0) return { command: "bash" };
  return { command: `/${SCRIPT_PATH}`, script: `#!/bin/bash\n${environment.join("\n")}\n${runscript.join("\n")}\n` };
}

/** The lines of `%environment` (without empty ones and comments) and `%runscript`, trimmed. */
function parseDefinition(text: string): { readonly environment: readonly string[]; readonly runscript: readonly string[] } {
  const environment: string[] = [];
  const runscript: string[] = [];
  let section = "";
  const lines = text.split("\n");
  // The end of the last line begins no other.
  if (lines.at(-1) === "") lines.pop();
  for (const line of lines.map((one) => one.trim())) {
    if (line.startsWith("%")) section = line;
    else if (section === "%environment" && line !== "" && !line.startsWith("#")) environment.push(line);
    else if (section === "%runscript") runscript.push(line);
  }
  return { environment, runscript };
}
