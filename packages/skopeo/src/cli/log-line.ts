type Fields = Readonly<Record<string, string | boolean>>;

/** One line of the original's log, which goes to standard error: scripts look for these. */
export function logLine(level: "info" | "warning" | "error", message: string, fields: Fields = {}): string {
  const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const words = Object.keys(fields)
    .sort()
    .map((key) => ` ${key}=${quoted(String(fields[key]))}`);
  return `time="${time}" level=${level} msg=${quoted(message)}${words.join("")}\n`;
}

function quoted(text: string): string {
  return /^[A-Za-z0-9\-._/@^+]+$/.test(text) ? text : JSON.stringify(text);
}
