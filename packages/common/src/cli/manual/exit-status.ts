import { bold, roffItem } from "./roff.ts";

/** Commands whose exit code is the contained command's own. */
const passOn = new Set(["run", "exec", "start", "unshare"]);

/** What the exit codes of a program's command mean, in roff. */
export function exitStatus(program: string, command: string): string {
  const failed = program === "skopeo" || program === "conmon" ? "1" : "125";
  const rows: Array<readonly [code: string, meaning: string]> = [["0", "Success."]];
  if (command === "exists") rows.push(["1", "There is none of that name."]);
  if (program === "podman" && command === "rm") rows.push(["1", "One of them does not exist."], ["2", "One of them is in use."]);
  if (program === "skopeo") rows.push(["2", "The image was not found."]);
  rows.push([failed, `${program} itself failed, or did not understand the command line.`]);
  if (program === "podman" && passOn.has(command)) {
    rows.push(["126", "The contained command cannot be invoked."], ["127", "The contained command was not found."]);
    rows.push(["other", "The contained command's own exit code."]);
  }
  if (program === "buildah" && (command === "run" || command === "unshare")) rows.push(["other", "The contained command's own exit code."]);
  return rows.map(([code, meaning]) => roffItem(bold(code), meaning)).join("\n");
}
