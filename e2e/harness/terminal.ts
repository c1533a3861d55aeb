import { spawn } from "node:child_process";
import { eventually } from "./eventually.ts";
import type { World } from "./world.ts";

/** What is typed once the screen shows something that it did not show before the last keys; a function is called instead. */
export type TypedStep = readonly [shown: RegExp, keys: string | (() => void)];

/**
 * Runs a shell command line on a terminal of its own (util-linux's `script` makes it) as the world's user, and types as a person would: each time the
 * screen shows what was waited for.
 */
export async function typeOnTerminal(
  world: World,
  line: string,
  steps: readonly TypedStep[],
): Promise<{ readonly screen: string; readonly exitCode: number | null }> {
  const [file, args] = world.asUser("script", ["-qfec", line, "/dev/null"]);
  const child = spawn(file, args, { cwd: world.directory, env: { ...world.env }, stdio: ["pipe", "pipe", "inherit"] });
  let screen = "";
  let seen = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  try {
    for (const [shown, keys] of steps) {
      await eventually(
        () => shown.test(screen.slice(seen)),
        () => `${shown} on the screen:\n${screen}`,
      );
      seen = screen.length;
      if (typeof keys === "string") child.stdin.write(keys);
      else keys();
    }
    return { exitCode: await ended, screen };
  } finally {
    child.kill("SIGKILL");
  }
}
