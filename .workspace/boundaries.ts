/**
 * The direction of imports between packages, and the modules that only one room may import. One table for all packages:
 * see packages/common/docs/decisions/0001-one-boundary-table.md.
 */
import { readFileSync } from "node:fs";
import { Glob } from "bun";

const allowed: Readonly<Record<string, readonly string[]>> = {
  common: [],
  conmon: ["common"],
  storage: ["common"],
  image: ["common", "storage"],
  buildah: ["common", "storage", "image"],
  skopeo: ["common", "storage", "image"],
  podman: ["common", "storage", "image", "buildah"],
};

/** Imports with one home: what is imported → where it may be. */
const homes: ReadonlyArray<readonly [specifier: RegExp, home: RegExp]> = [
  [/^bun:ffi$/, /^packages\/common\/src\/sys\//],
  [/^bun:sqlite$/, /^packages\/podman\/src\/state\//],
  [/^execa$/, /^packages\/common\/src\/process\/run\.ts$|^e2e\/harness\//],
  [/^commander$/, /^packages\/common\/src\/cli\/help\.ts$/],
  [/^undici/, /^packages\/common\/src\/http\//],
  [/^@containers\/buildah\/(?!index$)/, /^packages\/buildah\//],
  [/^@containers\/common\/(?!sys\/)/, /^packages\/(?!conmon\/)|^e2e\//],
  [
    /^@containers\/storage\//,
    /^packages\/(?!image\/)|^packages\/image\/src\/(transports\/(containers-storage|transport|register)|local-images|manifest-lists|testing|copy\/(compression|copy-blob|copy-layers|recompress)\.ts$)/,
  ],
];

/** Every crossing below `root`, one line each: file, line number, what it imports and why that is refused. */
export function checkBoundaries(root: string): string[] {
  const found: string[] = [];
  for (const path of new Glob("{packages,e2e}/**/*.ts").scanSync({ cwd: root })) {
    if (path.includes("node_modules") || path.includes("/dist/")) continue;
    const text = readFileSync(`${root}/${path}`, "utf8");
    const owner = /^packages\/([^/]+)\//.exec(path)?.[1];
    for (const match of text.matchAll(/(?:^|\s)(?:from\s+|import\s*\(?\s*|require\(\s*)"([^"]+)"/g)) {
      const specifier = match[1] ?? "";
      const line = text.slice(0, match.index).split("\n").length;
      const target = /^@containers\/([^/]+)/.exec(specifier)?.[1];
      if (owner !== undefined && target !== undefined && target !== owner && !allowed[owner]?.includes(target)) {
        found.push(
          `${path}:${line} imports ${specifier}, but ${owner} may import only ${allowed[owner]?.join(", ") || "nothing of the workspace"}`,
        );
      }
      for (const [pattern, home] of homes) {
        if (pattern.test(specifier) && !home.test(path) && !path.endsWith(".test.ts"))
          found.push(`${path}:${line} imports ${specifier}, which belongs to ${home.source}`);
      }
    }
  }
  return found;
}
