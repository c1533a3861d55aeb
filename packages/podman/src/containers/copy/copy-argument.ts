import { ToolError } from "@containers/common/errors/tool-error";

/** One side of `podman cp`: a path of a container, or of the host when `container` is absent. */
export interface CopyArgument {
  readonly container?: string;
  readonly path: string;
}

/** Reads both arguments of `cp`. What begins with `.` or `/` is always a path of the host, so that a colon can stand in one. */
export function parseCopyArguments(source: string, destination: string): readonly [CopyArgument, CopyArgument] {
  const parsed = [parseOne(source), parseOne(destination)] as const;
  if (parsed.some(({ path }) => path === ""))
    throw new ToolError(
      "invalid-argument",
      `invalid arguments ${JSON.stringify(source)}, ${JSON.stringify(destination)}: you must specify paths`,
    );
  if (parsed.every(({ container }) => container === undefined)) throw new ToolError("invalid-argument", "name or ID cannot be empty");
  return parsed;
}

function parseOne(text: string): CopyArgument {
  const colon = text.indexOf(":");
  if (colon < 0 || text.startsWith(".") || text.startsWith("/")) return { path: text };
  return { container: text.slice(0, colon), path: text.slice(colon + 1) };
}
