import { ToolError } from "../../errors/tool-error.ts";
import { type EvaluateOptions, executeTemplate } from "./evaluate.ts";
import { templateFunctions } from "./functions.ts";
import { TemplateError } from "./lexer.ts";
import { parseTemplate } from "./parser.ts";

export interface CompileOptions extends EvaluateOptions {
  /** The template's name in messages: the command's, such as `ps`. */
  readonly name?: string;
}

/**
 * A Go text/template as a function from data to text. Parsing happens here, once; nothing is added to the text.
 * @throws ToolError invalid-argument, now for the syntax, later for a field that the data lacks
 */
export function compileTemplate(text: string, options: CompileOptions = {}): (data: unknown) => string {
  const known = (name: string) =>
    name === "and" || name === "or" || Object.hasOwn(templateFunctions, name) || Object.hasOwn(options.functions ?? {}, name);
  const parsed = asToolError(() => parseTemplate(text, options.name ?? "format", known));
  return (data) => asToolError(() => executeTemplate(parsed, data, options));
}

function asToolError<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError) throw new ToolError("invalid-argument", error.message, { code: "template" });
    throw error;
  }
}
