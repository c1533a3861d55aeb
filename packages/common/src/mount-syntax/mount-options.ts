import { ToolError } from "../errors/tool-error.ts";

/** Options of which a mount may have one at most; the first of each group names it. */
const exclusiveGroups: ReadonlyArray<readonly string[]> = [
  ["rw", "ro"],
  ["z", "Z", "relabel"],
  ["shared", "rshared", "private", "rprivate", "slave", "rslave", "unbindable", "runbindable"],
  ["bind", "rbind"],
  ["dev", "nodev"],
  ["exec", "noexec"],
  ["suid", "nosuid"],
  ["copy", "nocopy"],
  ["U"],
  ["O"],
  ["idmap"],
  ["no-dereference"],
];

const allowed = new Set(exclusiveGroups.flat());

/**
 * Checks the options of `-v`: known ones only, and one of each group.
 * @throws ToolError invalid-argument
 */
export function checkVolumeOptions(options: readonly string[]): readonly string[] {
  for (const option of options) {
    const name = option.split("=", 1)[0] ?? "";
    const takesValue = name === "idmap" || name === "upperdir" || name === "workdir";
    if ((!allowed.has(name) || (option.includes("=") && !takesValue)) && !takesValue) {
      throw new ToolError("invalid-argument", `invalid option type ${JSON.stringify(option)}`);
    }
  }
  for (const group of exclusiveGroups) {
    const given = options.filter((option) => group.includes(option.split("=", 1)[0] ?? ""));
    if (given.length > 1) {
      const choice = group.map((option) => `'${option}'`).join(" or ");
      throw new ToolError("invalid-argument", `invalid options ${JSON.stringify(given.join(", "))}, can only specify 1 ${choice} option`);
    }
  }
  return options;
}
