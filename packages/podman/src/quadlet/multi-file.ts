import { ToolError } from "@containers/common/errors/tool-error";
import { kindOf } from "./kinds.ts";

/** One of several quadlets in a file. */
export interface QuadletPart {
  /** `web.container` */
  readonly name: string;
  readonly text: string;
}

/**
 * The quadlets of a `.quadlets` file: lines `---` stand between them, a comment `# FileName=web` in each says what it is called and its section what kind it
 * is of.
 *
 * @throws invalid-argument, with the number of the part that lacks one of these
 */
export function splitQuadlets(text: string, path: string): QuadletPart[] {
  const parts = text
    .split(/^[ \t]*---[ \t]*$/m)
    .map((part) => part.trim())
    .flatMap((part, index) => (part === "" ? [] : [{ text: part, name: `${fileName(part, index)}${extension(part, index)}` }]));
  if (parts.length === 0) throw new ToolError("invalid-argument", `no valid quadlet sections found in file ${path}`);
  return parts;
}

function extension(part: string, index: number): string {
  const sections = [...part.matchAll(/^\s*\[([^\]]+)\]\s*$/gm)].map(([, section = ""]) => `.${section.toLowerCase()}`);
  const found = sections.find((section) => kindOf(`x${section}`) !== undefined);
  if (found !== undefined) return found;
  throw new ToolError(
    "invalid-argument",
    `unable to detect quadlet type in section ${index + 1}: no recognized quadlet section found (expected [Container], [Volume], [Network], [Kube], [Image], [Build], or [Pod])`,
  );
}

function fileName(part: string, index: number): string {
  const name = /^\s*#\s*FileName=(.*)$/m.exec(part)?.[1]?.trim();
  if (name === undefined)
    throw new ToolError(
      "invalid-argument",
      `section ${index + 1}: missing required '# FileName=<name>' comment at the beginning of quadlet section`,
    );
  if (name === "") throw new ToolError("invalid-argument", `section ${index + 1}: FileName comment found but no filename specified`);
  if (/[/\\]/.test(name))
    throw new ToolError("invalid-argument", `section ${index + 1}: FileName '${name}' cannot contain path separators`);
  return name;
}
