import { ToolError } from "@containers/common/errors/tool-error";
import { runSync } from "@containers/common/process/run";
import type { SecretDriver } from "./secret-driver.ts";

const COMMANDS = ["delete", "list", "lookup", "store"] as const;

/** The `shell` driver: commands of the user's, which find the secret's id in SECRET_ID and its data on standard input or write it to standard output. */
export function shellDriver(options: Readonly<Record<string, string>>): SecretDriver {
  const unknown = Object.keys(options).find((key) => !COMMANDS.some((command) => command === key));
  if (unknown !== undefined) throw new ToolError("invalid-argument", `invalid shell driver option: ${JSON.stringify(unknown)}`);
  const missing = COMMANDS.find((command) => !options[command]);
  if (missing !== undefined)
    throw new ToolError("invalid-argument", "missing config value", {
      hint: `the secret driver shell needs the options ${COMMANDS.join(", ")}`,
    });
  const shell = (command: (typeof COMMANDS)[number], id: string, input?: Uint8Array): Buffer => {
    const result = runSync("/bin/sh", ["-c", options[command] ?? ""], {
      env: { ...process.env, SECRET_ID: id },
      ...(input === undefined ? {} : { input }),
    });
    if (result.exitCode === 0) return result.stdout;
    const told = result.stderr.toString().trim();
    if (command === "store")
      throw new ToolError(
        "unavailable",
        `storing secret data with ID ${id}: exit status ${result.exitCode}${told === "" ? "" : `: ${told}`}`,
      );
    throw new ToolError("not-found", `${id}: no such secret${told === "" ? "" : `: ${told}`}`, { exitCode: 125 });
  };
  return {
    store: (id, data) => void shell("store", id, data),
    read: (id) => shell("lookup", id),
    delete: (id) => void shell("delete", id),
  };
}
