import { lookUpPackages, programVersion } from "./package-of.ts";

/**
 * The storage driver's options by name: `overlay.mountopt=nodev` → `{ "overlay.mountopt": "nodev" }`. Of an option that is given several times the last counts,
 * but additional stores are listed, all of them, under a name of their own; a mount program is described.
 */
export function graphOptions(options: readonly string[]): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const option of options) {
    if (option === "") continue;
    const equals = option.indexOf("=");
    const key = equals === -1 ? option : option.slice(0, equals);
    const value = equals === -1 ? "" : option.slice(equals + 1);
    if (key.endsWith("mount_program")) {
      result[key] = { Executable: value, Package: lookUpPackages([value])(value), Version: versionOf(value) };
      continue;
    }
    if (key.endsWith("imagestore")) {
      const list = key.replaceAll("imagestore", "additionalImageStores");
      const known = result[list];
      result[list] = [...(Array.isArray(known) ? known : []), value];
    }
    result[key] = value;
  }
  return result;
}

function versionOf(program: string): string {
  return program === "" ? "" : programVersion(program);
}
