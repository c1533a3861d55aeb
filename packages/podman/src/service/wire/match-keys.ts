import type * as z from "zod/mini";

/**
 * The value with the keys of its objects spelled as the schema spells them: Go's decoder, which clients have come to rely on, takes `image`
 * for `Image`. Keys of maps stay as they are.
 */
export function matchKeys(schema: z.ZodMiniType, value: unknown): unknown {
  const { def } = (schema as z.ZodMiniType & Defined)._zod;
  if (def.innerType !== undefined) return matchKeys(def.innerType, value);
  if (Array.isArray(value)) return def.element === undefined ? value : value.map((one) => matchKeys(def.element as z.ZodMiniType, one));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  if (def.valueType !== undefined) {
    const { valueType } = def;
    return Object.fromEntries(entries.map(([key, one]) => [key, matchKeys(valueType, one)]));
  }
  if (def.shape === undefined) return value;
  const { shape } = def;
  const spelling = new Map(Object.keys(shape).map((key) => [key.toLowerCase(), key]));
  return Object.fromEntries(
    entries.map(([written, one]) => {
      const key = spelling.get(written.toLowerCase()) ?? written;
      const inner = shape[key];
      return [key, inner === undefined ? one : matchKeys(inner, one)];
    }),
  );
}

/** What a schema is made of, as far as it is used here. */
interface Defined {
  readonly _zod: {
    readonly def: {
      readonly innerType?: z.ZodMiniType;
      readonly element?: z.ZodMiniType;
      readonly valueType?: z.ZodMiniType;
      readonly shape?: Readonly<Record<string, z.ZodMiniType>>;
    };
  };
}
