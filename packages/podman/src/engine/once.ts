/** The value that `make` gives, made at the first call. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** A record whose fields are made when they are first read. */
export function lazyRecord<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const properties: PropertyDescriptorMap = {};
  for (const [key, make] of Object.entries<() => unknown>(makers)) properties[key] = { enumerable: true, get: once(make) };
  // Every key of T has a maker, so the record is whole.
  return Object.defineProperties({}, properties) as T;
}
