const exponents: Readonly<Record<string, number>> = { "": 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };

/**
 * A size with docker's units, powers of 1024: `512m`, `1.5G`, `64kb`, `10MiB`, `100`. Returns bytes, undefined when the
 * text is no size.
 */
export function parseSize(text: string): number | undefined {
  return parseWithBase(text, 1024);
}

/** The same letters as powers of 1000: sizes of logs. Returns bytes, undefined when the text is no size. */
export function parseDecimalSize(text: string): number | undefined {
  return parseWithBase(text, 1000);
}

function parseWithBase(text: string, base: 1000 | 1024): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+) ?([kKmMgGtTpP]?)(?:i?[bB])?$/.exec(text);
  if (match === null) return undefined;
  const exponent = exponents[(match[2] ?? "").toLowerCase()];
  if (exponent === undefined) return undefined;
  return Math.trunc(Number(match[1]) * base ** exponent);
}
