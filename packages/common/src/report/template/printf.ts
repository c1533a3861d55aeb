import { formatValue } from "./go-value.ts";

/** Go's fmt.Sprintf for the verbs that templates use: `%v %+v %s %q %d %t %f %g %e %x %X %o %b %c %T %%`, with width and precision. */
export function sprintf(format: string, ...args: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(
    /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d+)?)?([a-zA-Z%])/g,
    (whole, flags: string, width, precision, verb: string) => {
      if (verb === "%") return "%";
      const columns = width === "*" ? Number(args[used++]) : Number(width ?? 0);
      const digits = precision === "*" ? Number(args[used++]) : whole.includes(".") ? Number(precision ?? 0) : undefined;
      if (used >= args.length) return `%!${verb}(MISSING)`;
      return pad(formatVerb(verb, args[used++], { flags, digits }), flags, columns);
    },
  );
  const extra = args.slice(used);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.map((item) => `${typeName(item)}=${formatValue(item)}`).join(", ")})`;
}

function formatVerb(verb: string, value: unknown, { flags, digits }: { flags: string; digits: number | undefined }): string {
  switch (verb) {
    case "v":
      return formatValue(value);
    case "s":
      if (Array.isArray(value)) return formatValue(value);
      return typeof value === "number" || typeof value === "boolean" ? bad(verb, value) : cut(formatValue(value), digits);
    case "q":
      return Array.isArray(value)
        ? `[${value.map((item) => JSON.stringify(String(item))).join(" ")}]`
        : JSON.stringify(cut(String(value), digits));
    case "t":
      return typeof value === "boolean" ? String(value) : bad(verb, value);
    case "T":
      return typeName(value);
    case "x":
    case "X":
      return hex(verb, value);
    default:
      return typeof value === "number" ? formatNumber(verb, value, { flags, digits }) : bad(verb, value);
  }
}

function formatNumber(verb: string, value: number, { flags, digits }: { flags: string; digits: number | undefined }): string {
  const sign = flags.includes("+") && value >= 0 ? "+" : "";
  switch (verb) {
    case "d":
      return sign + String(Math.trunc(value));
    case "f":
    case "F":
      return sign + value.toFixed(digits ?? 6);
    case "e":
      return sign + value.toExponential(digits ?? 6).replace(/e([+-])(\d)$/, "e$10$2");
    case "g":
      return sign + (digits === undefined ? formatValue(value) : String(Number(value.toPrecision(Math.max(1, digits)))));
    case "o":
      return value.toString(8);
    case "b":
      return value.toString(2);
    case "c":
      return String.fromCodePoint(value);
    default:
      return bad(verb, value);
  }
}

function hex(verb: string, value: unknown): string {
  const text = typeof value === "number" ? value.toString(16) : Buffer.from(String(value)).toString("hex");
  return verb === "X" ? text.toUpperCase() : text;
}

function pad(text: string, flags: string, columns: number): string {
  if (columns < 0 || flags.includes("-")) return text.padEnd(Math.abs(columns));
  if (flags.includes("0") && /^[+-]?\d/.test(text)) {
    const sign = /^[+-]/.exec(text)?.[0] ?? "";
    return sign + text.slice(sign.length).padStart(columns - sign.length, "0");
  }
  return text.padStart(columns);
}

function cut(text: string, digits: number | undefined): string {
  return digits === undefined ? text : [...text].slice(0, digits).join("");
}

function bad(verb: string, value: unknown): string {
  return `%!${verb}(${typeName(value)}=${formatValue(value)})`;
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float64";
  if (typeof value === "boolean") return "bool";
  if (Array.isArray(value)) return "[]string";
  return typeof value === "string" ? "string" : value instanceof Map ? "map[string]string" : "struct";
}
