/**
 * One line of comma-separated values as Go's encoding/csv reads it: `a,"b,c"` is two fields.
 * @throws Error for a stray or missing quote
 */
export function splitCsv(text: string): string[] {
  if (text === "") return [];
  if (!text.includes('"')) return text.split(",");
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const field = text[at] === '"' ? readQuoted(text, at) : readBare(text, at);
    fields.push(field.value);
    if (field.end >= text.length) return fields;
    at = field.end + 1;
  }
}

function readBare(text: string, start: number): { value: string; end: number } {
  const comma = text.indexOf(",", start);
  const end = comma === -1 ? text.length : comma;
  const value = text.slice(start, end);
  const quote = value.indexOf('"');
  if (quote !== -1) throw new Error(`parse error on line 1, column ${start + quote + 1}: bare " in non-quoted-field`);
  return { value, end };
}

function readQuoted(text: string, start: number): { value: string; end: number } {
  let value = "";
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') {
      value += text[at];
    } else if (text[at + 1] === '"') {
      value += '"';
      at++;
    } else if (at + 1 === text.length || text[at + 1] === ",") {
      return { value, end: at + 1 };
    } else {
      throw new Error(`parse error on line 1, column ${at + 1}: extraneous or missing " in quoted-field`);
    }
  }
  throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
}
