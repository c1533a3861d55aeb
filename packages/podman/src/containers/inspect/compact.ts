/** The object without keys whose value is undefined: those that the original leaves out. */
export function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A record for output: null when it is empty, as Go prints a nil map. */
export function orNull<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | null {
  return Object.keys(record).length === 0 ? null : record;
}

/** A list for output: null when it is empty, as Go prints a nil slice. */
export function listOrNull<T>(list: readonly T[]): readonly T[] | null {
  return list.length === 0 ? null : list;
}

/** The same object, in which templates find nil where JSON leaves the key out. */
export function nilWhereAbsent(section: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  for (const key of keys) if (!(key in section)) Object.defineProperty(section, key, { value: null, enumerable: false });
  return section;
}
