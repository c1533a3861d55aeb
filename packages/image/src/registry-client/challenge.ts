/** One way in which a server says it can be authenticated to. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parses a WWW-Authenticate header (RFC 9110, 11.6.1): several challenges may stand in one. Malformed parts are skipped. */
export function parseChallenges(header: string | null): readonly Challenge[] {
  if (header === null) return [];
  const challenges: Array<{ scheme: string; parameters: Record<string, string> }> = [];
  const pattern = /([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?(\s+|\s*,\s*|$)/gy;
  for (let match = pattern.exec(header); match !== null; match = pattern.exec(header)) {
    const [, name = "", quoted, bare] = match;
    const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, "$1");
    const current = challenges.at(-1);
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: {} });
    else if (current !== undefined) current.parameters[name.toLowerCase()] = value;
    if (match[0] === "" || pattern.lastIndex >= header.length) break;
  }
  return challenges;
}
