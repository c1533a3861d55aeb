/**
 * The path that an entry's name stands for, as Go's `filepath.Clean` has it: no `.`, no double or trailing slash, `..`
 * folded where it can be. An absolute name stays absolute; nothing is `.`.
 */
export function cleanTarName(name: string): string {
  if (isClean(name)) return name.endsWith("/") && name.length > 1 ? name.slice(0, -1) : name;
  const absolute = name.startsWith("/");
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts[parts.length - 1] !== "..") parts.pop();
    else if (!absolute) parts.push("..");
  }
  const path = parts.join("/");
  if (absolute) return `/${path}`;
  return path === "" ? "." : path;
}

/** True when only a trailing slash can be superfluous: the common case, told without splitting. */
function isClean(name: string): boolean {
  return name !== "" && name !== "." && !name.startsWith("./") && !name.startsWith("..") && !name.includes("//") && !name.includes("/.");
}
