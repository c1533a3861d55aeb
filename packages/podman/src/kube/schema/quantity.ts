import { ToolError } from "@containers/common/errors/tool-error";

const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/**
 * A resource quantity as kubernetes writes it (`500m`, `64Mi`, `1e3`) as a number of its base unit.
 * @throws ToolError invalid-argument
 */
export function parseQuantity(value: string | number): number {
  const text = String(value).trim();
  const [, number = "", suffix = ""] = /^([+-]?(?:\d+\.?\d*|\.\d+))([A-Za-z]{0,2}|[eE][+-]?\d+)$/.exec(text) ?? [];
  const base = Number(number);
  if (number === "") throw malformed();
  if (/^[eE][+-]?\d+$/.test(suffix)) return Number(`${number}${suffix}`);
  const binary = suffix === "" ? -1 : BINARY.indexOf(suffix);
  if (binary > 0) return base * 1024 ** binary;
  const power = DECIMAL[suffix];
  if (power === undefined) throw malformed();
  return power < 0 ? base / 10 ** -power : base * 10 ** power;
}

function malformed(): ToolError {
  return new ToolError("invalid-argument", "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'");
}

/** Bytes in the largest binary unit that leaves a whole number: `100Mi`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  if (Math.abs(bytes) < 1024) return formatThousands(bytes);
  for (; value % 1024 === 0 && unit < BINARY.length - 1; unit += 1) value /= 1024;
  return `${value}${BINARY[unit]}`;
}

/** Thousandths of a processor: `1500m`, `2`. */
export function formatMillis(millis: number): string {
  return millis % 1000 === 0 ? formatThousands(millis / 1000) : `${millis}m`;
}

function formatThousands(number: number): string {
  const units = ["", "k", "M", "G", "T", "P", "E"];
  let value = number;
  let unit = 0;
  for (; value !== 0 && value % 1000 === 0 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${value}${units[unit]}`;
}
