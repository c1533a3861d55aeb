/** Manual pages and completion scripts, in the places where man and the shells look below a prefix. */
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { completionScript } from "../packages/common/src/cli/completion/scripts.ts";

const manuals = join(dirname(import.meta.dir), "dist", "man", "man1");

export function installTexts(root: string): void {
  const target = join(root, "share/man/man1");
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(manuals)) copyFileSync(join(manuals, name), join(target, name));
  for (const { path, text } of completions(root)) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
}

export function removeTexts(root: string): void {
  for (const name of readdirSync(manuals)) rmSync(join(root, "share/man/man1", name), { force: true });
  for (const { path } of completions(root)) rmSync(path, { force: true });
}

function completions(root: string): ReadonlyArray<{ readonly path: string; readonly text: string }> {
  return ["podman", "buildah", "skopeo"].flatMap((program) => [
    { path: join(root, "share/bash-completion/completions", program), text: completionScript("bash", program, true) },
    { path: join(root, "share/zsh/site-functions", `_${program}`), text: completionScript("zsh", program, true) },
    { path: join(root, "share/fish/vendor_completions.d", `${program}.fish`), text: completionScript("fish", program, true) },
  ]);
}
