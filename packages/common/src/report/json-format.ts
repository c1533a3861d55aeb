/** Whether `--format` asks for JSON: `json` or `{{json .}}`. */
export function isJsonFormat(format: string): boolean {
  return /^\s*(json|\{\{\s*json\s*\.?\s*\}\})\s*$/.test(format);
}
