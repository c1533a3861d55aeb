/**
 * Checks that parsed JSON has the shape that it must have, in the manner of zod, which takes five milliseconds to load: as
 * long as all else that `skopeo inspect` computes (docs/decisions/0012-shapes-by-hand.md).
 */

/** Returns the value when it has the shape; throws {@link ShapeError} with the place in `at` otherwise. */
export type Shape<T> = (value: unknown, at: string) => T;

/** Something is not as it must be. The message names the place: `layers.0.size: expected a whole number`. */
export class ShapeError extends Error {
  override readonly name = "ShapeError";
}

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type OptionalKeys<S extends Shapes> = { [K in keyof S]: undefined extends ReturnType<S[K]> ? K : never }[keyof S];
/** What a table of shapes describes; a key whose shape allows undefined may be absent. */
export type ShapeOf<S extends Shapes> = { [K in Exclude<keyof S, OptionalKeys<S>>]: ReturnType<S[K]> } & {
  [K in OptionalKeys<S>]?: ReturnType<S[K]>;
};

export const text: Shape<string> = (value, at) => (typeof value === "string" ? value : fail(at, "expected a text"));

export const flag: Shape<boolean> = (value, at) => (typeof value === "boolean" ? value : fail(at, "expected true or false"));

/** A whole number, not negative, small enough to be exact. */
export const size: Shape<number> = (value, at) =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : fail(at, "expected a whole number, not negative");

export function literal<T extends string | number>(expected: T): Shape<T> {
  return (value, at) => (value === expected ? expected : fail(at, `expected ${JSON.stringify(expected)}`));
}

/** A text that `accepts` finds right. */
export function textThat(accepts: (text: string) => boolean, complaint: string): Shape<string> {
  return (value, at) => (accepts(text(value, at)) ? text(value, at) : fail(at, complaint));
}

/** May be absent. */
export function optional<T>(shape: Shape<T>): Shape<T | undefined> {
  return (value, at) => (value === undefined ? undefined : shape(value, at));
}

/** May be absent or null, as Go writes what is empty. */
export function nullish<T>(shape: Shape<T>): Shape<T | null | undefined> {
  return (value, at) => (value === undefined || value === null ? value : shape(value, at));
}

/** `fallback` when absent. */
export function withDefault<T>(shape: Shape<T>, fallback: T): Shape<T> {
  return (value, at) => (value === undefined ? fallback : shape(value, at));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, at) =>
    Array.isArray(value) ? value.map((item, index) => shape(item, join(at, String(index)))) : fail(at, "expected a list");
}

/** An object whose keys are data. */
export function map<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (value, at) => fromEntries(entries(value, at).map(([key, item]) => [key, shape(item, join(at, key))]));
}

/** An object with at least these keys; others stay as they are. */
export function object<S extends Shapes>(shapes: S): Shape<ShapeOf<S> & Record<string, unknown>> {
  return (value, at) => {
    const result = fromEntries(entries(value, at));
    for (const [key, shape] of Object.entries(shapes)) {
      const checked = shape(Object.hasOwn(result, key) ? result[key] : undefined, join(at, key));
      if (checked !== undefined) result[key] = checked;
    }
    return result as ShapeOf<S> & Record<string, unknown>;
  };
}

function entries(value: unknown, at: string): ReadonlyArray<[string, unknown]> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : fail(at, "expected an object");
}

/** Keys are whatever a stranger wrote, `__proto__` too: that one is dropped. */
function fromEntries<T>(pairs: ReadonlyArray<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(pairs.filter(([key]) => key !== "__proto__"));
}

function join(at: string, key: string): string {
  return at === "" ? key : `${at}.${key}`;
}

function fail(at: string, complaint: string): never {
  throw new ShapeError(at === "" ? complaint : `${at}: ${complaint}`);
}
