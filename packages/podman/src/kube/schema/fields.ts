import { ToolError } from "@containers/common/errors/tool-error";
import { z } from "zod";
import type { KubeDocument } from "./documents.ts";

/** An absent field and one that is null are the same to kubernetes. */
export function optional<T extends z.ZodType>(schema: T) {
  return schema.nullish().transform((value) => value ?? undefined);
}

/** Text. Numbers and truth values that nobody put into quotes are their text, as kubernetes reads them where it wants a string. */
export const string = z.union([z.string(), z.number().transform(goFloat), z.boolean().transform(String)]);

/** A number as Go's shortest `%g` has it. */
function goFloat(value: number): string {
  const magnitude = Math.abs(value);
  if (Number.isInteger(value) || (magnitude >= 1e-4 && magnitude < 1e6)) return String(value);
  return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
}

export const text = optional(string);
/** Text that kubernetes takes nothing else for: in probes, and where an object is named. */
export const strictText = optional(z.string());

export const flag = optional(z.boolean());
export const whole = optional(z.number().int());
export const texts = z
  .array(string)
  .nullish()
  .transform((list) => list ?? []);
export const textMap = z
  .record(z.string(), string)
  .nullish()
  .transform((map) => map ?? {});

/** A list of objects; absent is empty. */
export function listOf<T extends z.ZodType>(schema: T) {
  return z
    .array(schema)
    .nullish()
    .transform((list) => list ?? []);
}

export const metadata = z
  .object({ name: text, labels: textMap, annotations: textMap })
  .nullish()
  .transform((given) => given ?? { name: undefined, labels: {}, annotations: {} });

/**
 * The document as its schema has it.
 * @throws ToolError invalid-argument, naming the field at fault
 */
export function readAs<T extends z.ZodType>(document: KubeDocument, schema: T, what: string): z.output<T> {
  const parsed = schema.safeParse(document.content);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = (issue?.path ?? []).map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  throw new ToolError("invalid-argument", `unable to read YAML as ${what}: ${path.replace(/^\./, "")}: ${issue?.message ?? "invalid"}`);
}
