import { alignTabs } from "./tabwriter.ts";
import { type CompileOptions, compileTemplate } from "./template/compile.ts";
import { withJson } from "./with-json.ts";

export { isJsonFormat } from "./json-format.ts";

export interface FormatRows extends CompileOptions {
  /** Heading by field name, for a format that begins with `table `; undefined entries are shown upper-cased. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly noHeading?: boolean;
  /** What the function `json` prints of each row as a whole, where that is not what the fields are called. */
  readonly json?: readonly unknown[];
}

/**
 * Rows through a `--format` text: `table ` in front makes an aligned table with headings, `\t` and `\n` may be written out,
 * and without a range of its own the text is applied to each row.
 * @throws ToolError invalid-argument
 */
export function formatRows(format: string, rows: readonly unknown[], options: FormatRows = {}): string {
  const isTable = format.startsWith("table ");
  const [text, literal] = rangeTexts(format, isTable);
  const render = compileEither(text, literal, options);
  const { json } = options;
  const body = render(json === undefined ? rows : rows.map((row, index) => withJson(row as object, () => json[index])));
  if (!isTable) return body;
  const heading =
    options.noHeading === true
      ? ""
      : compileEither(text, literal, { ...options, functions: undefined })([headingRow(text, options.headers ?? {})]);
  return alignTabs(heading + body);
}

/** One object through a `--format` text, with `\t` and `\n` replaced and a line end added. */
export function formatOne(format: string, data: unknown, options: CompileOptions = {}): string {
  return compileEither(ended(writeOut(format)), ended(format), options)(data);
}

function compileEither(text: string, literal: string, options: CompileOptions): (data: unknown) => string {
  try {
    return compileTemplate(text, options);
  } catch (error) {
    // `{{printf "\n"}}` is broken by writing the line end out; the text as it came is meant then.
    if (text === literal) throw error;
    return compileTemplate(literal, options);
  }
}

function rangeTexts(format: string, isTable: boolean): [string, string] {
  if (isTable) {
    const bare = format.slice("table ".length);
    return [`{{range .}}${ended(writeOut(bare).replaceAll(" ", "\t"))}{{end -}}`, `{{range .}}${bare}{{end -}}`];
  }
  const text = ended(writeOut(format));
  if (/\{\{\s*range\s*\.\s*\}\}[\s\S]*\{\{\s*end\s*-?\s*\}\}/.test(text)) return [text, format];
  return [`{{range .}}${text}{{end -}}`, `{{range .}}${format}{{end -}}`];
}

/** A row whose fields are their own headings. */
function headingRow(text: string, headers: Readonly<Record<string, string>>): unknown {
  const names = new Set([...text.matchAll(/\.([\p{L}_][\p{L}\p{N}_]*)/gu)].map((match) => match[1] ?? ""));
  return new Map([...names].map((name) => [name, headers[name] ?? splitCamelCase(name).toUpperCase()]));
}

/** `RunningFor` → `Running For`, `CPUPerc` → `CPU Perc`. */
function splitCamelCase(name: string): string {
  return name.replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, "$1 $2").replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2");
}

function writeOut(text: string): string {
  return text.replaceAll("\\t", "\t").replaceAll("\\n", "\n");
}

function ended(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
