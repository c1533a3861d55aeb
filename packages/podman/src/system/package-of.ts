import { run } from "@containers/common/process/run";

/** What a program prints when asked for its version; empty when it cannot be asked. */
export async function programVersion(path: string, args: readonly string[] = ["--version"]): Promise<string> {
  return (await output(path, args))?.trimEnd() ?? "";
}

/** The distribution's package that a file came in, as `name_version_arch`; `Unknown` when no package manager says. */
export async function packageOf(path: string): Promise<string> {
  const name = (await output("dpkg", ["-S", path]))?.split(":")[0];
  if (name === undefined) return (await output("rpm", ["-qf", path]))?.trim() ?? "Unknown";
  return (await output("dpkg-query", ["-W", "-f", `\${Package}_\${Version}_\${Architecture}`, name])) ?? name;
}

/** Standard output of a program that ended well. */
async function output(file: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { exitCode, stdout } = await run(file, args);
    return exitCode === 0 ? String(stdout) : undefined;
  } catch {
    return undefined;
  }
}
