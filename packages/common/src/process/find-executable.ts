import { accessSync, constants, statSync } from "node:fs";

/**
 * The path of a program: `name` itself when it holds a slash, else the first hit in `dirs` (PATH unless told). Undefined
 * when there is none that may be executed.
 */
export function findExecutable(name: string, dirs: readonly string[] = searchPath()): string | undefined {
  if (name.includes("/")) return isExecutable(name) ? name : undefined;
  for (const dir of dirs) {
    const path = `${dir.replace(/\/+$/, "")}/${name}`;
    if (isExecutable(path)) return path;
  }
  return undefined;
}

function searchPath(): string[] {
  const path = process.env.PATH ?? "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  return path.split(":").filter((dir) => dir !== "");
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
