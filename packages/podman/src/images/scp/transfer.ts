import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageTransfer } from "./location.ts";
import { podmanAt, runPodman, type ScpContext } from "./podman-at.ts";

/**
 * Copies an image from one podman to another: what the one saves, the other loads. Between users the archive is passed on as an open
 * file, so that nobody else can read it.
 *
 * @returns what loading it printed, which ends in the image's name
 * @throws ToolError unavailable when one of the two failed
 */
export async function transferImage(
  { from, to }: ImageTransfer,
  context: ScpContext,
  options: { readonly quiet?: boolean } = {},
): Promise<string> {
  const [source, destination] = [podmanAt(from, context), podmanAt(to, context)];
  const quiet = options.quiet === true ? ["-q"] : [];
  const directory = mkdtempSync(join(tmpdir(), "podman-scp-"));
  const path = join(directory, "archive");
  try {
    await withFile(path, "wx", (output) => runPodman(source, ["image", "save", ...quiet, from.image], { output }));
    const printed = await withFile(path, "r", (input) => runPodman(destination, ["image", "load", ...quiet], { input }));
    const name = printed.trimEnd().split(/\s+/).at(-1) ?? "";
    if (to.image !== "") await runPodman(destination, ["image", "tag", name, to.image]);
    return printed;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function withFile(path: string, flags: "r" | "wx", action: (descriptor: number) => Promise<string>): Promise<string> {
  const descriptor = openSync(path, flags, 0o600);
  try {
    return await action(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
