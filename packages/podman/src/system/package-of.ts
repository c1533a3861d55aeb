import { findExecutable } from "@containers/common/process/find-executable";
import { runSync } from "@containers/common/process/run";

/** What a program prints when asked for its version, without the end of the last line; empty when it cannot be asked. */
export function programVersion(path: string): string {
  return output(path, ["--version"])?.replace(/\n$/, "") ?? "";
}

/** Answers `packageOf` for files, `Unknown` for those that no package manager knows. */
export type PackageLookup = (path: string) => string;

/**
 * Asks the distribution's package manager for the packages of these files, as `name_version_arch`. All at once: it reads the
 * file lists of everything installed for each question.
 */
export function lookUpPackages(paths: readonly string[]): PackageLookup {
  const packages = findExecutable("dpkg-query") === undefined ? fromRpm(paths) : fromDpkg(paths);
  return (path) => packages.get(path) ?? "Unknown";
}

function fromDpkg(paths: readonly string[]): ReadonlyMap<string, string> {
  // A file that no package owns makes the whole question end with 1, with the answers for the others printed.
  const owners = runSync("dpkg-query", ["--search", "--", ...paths])
    .stdout.toString()
    .split("\n")
    .flatMap((line) => {
      const match = /^([^\s,]+)(?:, .*)?: (\/.*)$/.exec(line);
      return match?.[1] === undefined || match[2] === undefined ? [] : [[match[2], match[1]] as const];
    });
  if (owners.length === 0) return new Map();
  const names = [...new Set(owners.map(([, name]) => name))];
  const format = "${binary:Package}\\t${Package}_${Version}_${Architecture}\\n";
  const described = new Map<string, string>();
  for (const line of runSync("dpkg-query", ["-W", "-f", format, "--", ...names])
    .stdout.toString()
    .split("\n")) {
    const [name = "", full = ""] = line.split("\t");
    described.set(name, full).set(name.replace(/:.*$/, ""), full);
  }
  return new Map(owners.map(([path, name]) => [path, described.get(name) ?? name]));
}

function fromRpm(paths: readonly string[]): ReadonlyMap<string, string> {
  if (findExecutable("rpm") === undefined) return new Map();
  return new Map(
    paths.flatMap((path) => {
      const name = output("rpm", ["-qf", path])?.trim();
      return name === undefined ? [] : [[path, name] as const];
    }),
  );
}

/** Standard output of a program that ended well. */
function output(file: string, args: readonly string[]): string | undefined {
  try {
    const { exitCode, stdout } = runSync(file, args);
    return exitCode === 0 ? stdout.toString() : undefined;
  } catch {
    return undefined;
  }
}
