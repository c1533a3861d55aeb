import { ToolError } from "@containers/common/errors/tool-error";
import { findExecutable } from "@containers/common/process/find-executable";
import { run } from "@containers/common/process/run";

export interface GitPlace {
  readonly repository: string;
  /** Branch, tag or commit; empty for the default one. */
  readonly ref: string;
  /** Directory below the repository's root; empty for the root. */
  readonly directory: string;
}

/** `REPOSITORY[#[REF][:DIRECTORY]]`. */
export function parseGitUrl(url: string): GitPlace {
  const [repository = "", fragment = ""] = url.split("#");
  const [ref = "", directory = ""] = fragment.split(":");
  return { repository, ref, directory };
}

/** Whether a context or an ADD source is a git repository: by its scheme, or by the `.git` at the end of its path. */
export function isGitUrl(url: string): boolean {
  if (url.startsWith("git://")) return true;
  return /^https?:\/\//.test(url) && URL.canParse(url) && new URL(url).pathname.endsWith(".git");
}

/**
 * Fetches one commit, without its history, and checks it out into an existing empty directory, with the git program.
 *
 * @throws unavailable with what git said
 */
export async function cloneGit(place: GitPlace, directory: string, signal?: AbortSignal): Promise<void> {
  const git = findExecutable("git");
  if (git === undefined)
    throw new ToolError("unavailable", `${place.repository}: repositories need the program git`, { hint: "install git" });
  const steps: ReadonlyArray<readonly [what: string, args: readonly string[]]> = [
    ["git init", ["init", directory]],
    ["git remote add", ["-C", directory, "remote", "add", "origin", place.repository]],
    ["git fetch", ["-C", directory, "fetch", "-u", "--depth=1", "origin", "--", place.ref === "" ? "HEAD" : place.ref]],
    ["git checkout", ["-C", directory, "checkout", "FETCH_HEAD"]],
  ];
  const env = { ...process.env, GIT_TERMINAL_PROMPT: "0" };
  for (const [what, args] of steps) {
    const result = await run(git, args, { env, ...(signal === undefined ? {} : { signal }) });
    if (result.exitCode === 0) continue;
    const said = Buffer.concat([result.stdout, result.stderr]).toString("utf8").trim();
    throw new ToolError(
      "unavailable",
      `cloning ${JSON.stringify(place.repository)} to ${JSON.stringify(directory)}: ${said}: failed while performing \`${what}\`: exit status ${result.exitCode}`,
    );
  }
}
