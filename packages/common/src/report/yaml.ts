/** Plain data as YAML in the way Go's ghodss/yaml prints it: keys sorted, lists at their key's indentation. */
export function toYaml(value: unknown): string {
  return `${lines(value, 0).join("\n")}\n`;
}

function lines(value: unknown, depth: number): string[] {
  const margin = "  ".repeat(depth);
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item, depth));
  return Object.entries(value as object)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([key, item]) => {
      if (isNested(item)) return [`${margin}${scalar(key)}:`, ...lines(item, Array.isArray(item) ? depth : depth + 1)];
      return [`${margin}${scalar(key)}: ${leaf(item, depth)}`];
    });
}

function listItem(item: unknown, depth: number): string[] {
  const margin = "  ".repeat(depth);
  if (!isNested(item)) return [`${margin}- ${leaf(item, depth)}`];
  const [first = "", ...rest] = lines(item, depth + 1);
  return [`${margin}- ${first.trimStart()}`, ...rest];
}

function isNested(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function leaf(value: unknown, depth: number): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "[]";
  if (typeof value === "object") return "{}";
  if (typeof value !== "string") return String(value);
  return value.includes("\n") ? block(value, depth) : scalar(value);
}

function block(text: string, depth: number): string {
  const ended = text.endsWith("\n");
  const body = (ended ? text.slice(0, -1) : text).split("\n").map((line) => (line === "" ? "" : `${"  ".repeat(depth + 1)}${line}`));
  return [ended ? "|" : "|-", ...body].join("\n");
}

const plain = /^[A-Za-z0-9_/.+(][^:#\n\t'"\\]*$/;
const special = /^(true|false|null|yes|no|on|off|y|n|~|[-+]?(\d[\d_]*\.?\d*|\.\d+)(e[-+]?\d+)?|0x[\da-f]+|0o?[0-7]+)$/i;

/** Quoted where a reader would take it for something else than text. */
function scalar(text: string): string {
  if (text === "") return '""';
  if (special.test(text)) return JSON.stringify(text);
  if (plain.test(text) && !/\s$/.test(text)) return text;
  if (!/:\s|\s#|:$|^[\s!&*?|>@`%{}[\],"'#-]|\s$|[\x00-\x1f\\"]/.test(text)) return text;
  return /[\x00-\x1f\\]/.test(text) ? JSON.stringify(text) : `'${text.replaceAll("'", "''")}'`;
}
