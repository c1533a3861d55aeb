/** Whether `--format` asks for JSON as a whole: `json`, or `{{json}}`. `{{json .}}` is a template, which prints an object for each row. */
export function isJsonFormat(format: string): boolean {
  return /^\s*(json|\{\{\s*json\.?\s*\}\})\s*$/.test(format);
}
