/** Variables as `NAME=value` in the order they were set: the form that image configs keep. */
export type Environment = readonly string[];

/** `overrides` on top of `base`: a name keeps the place where it first stood. */
export function mergeEnvironment(base: Environment, overrides: Environment): string[] {
  const merged: string[] = [];
  const places = new Map<string, number>();
  for (const entry of [...base, ...overrides]) {
    const name = nameOf(entry);
    const place = places.get(name);
    if (place === undefined) {
      places.set(name, merged.length);
      merged.push(entry);
    } else {
      merged[place] = entry;
    }
  }
  return merged;
}

/** The value, undefined when the name is not there. */
export function lookUp(environment: Environment, name: string): string | undefined {
  for (const entry of environment) {
    if (nameOf(entry) === name) return entry.includes("=") ? entry.slice(name.length + 1) : "";
  }
  return undefined;
}

/** What stands before the first `=`. */
export function nameOf(entry: string): string {
  const equals = entry.indexOf("=");
  return equals === -1 ? entry : entry.slice(0, equals);
}

/** `NAME=value` entries of a map. */
export function toEnvironment(values: ReadonlyMap<string, string>): string[] {
  return [...values].map(([name, value]) => `${name}=${value}`);
}
