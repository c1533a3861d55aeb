/** For `expect.poll`: a limit that only a broken program reaches, however busy the machine is. */
export const patience = { timeout: 30_000, interval: 50 } as const;

/** Waits for a condition that a program brings about; fails when it does not within the same limit. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string) = "a condition",
): Promise<void> {
  const deadline = Date.now() + patience.timeout;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${typeof what === "string" ? what : what()}`);
    await new Promise((resolve) => setTimeout(resolve, patience.interval));
  }
}
