/** A copy of what templates see as it is, but for what the function `json` prints of it. */
export function withJson(value: object, json: () => unknown): object {
  return Object.defineProperty(Array.isArray(value) ? [...value] : { ...value }, "toJSON", { value: () => shownAs(json()) });
}

/** Of something that has a text of its own already, that one. */
function shownAs(value: unknown): unknown {
  const own = typeof value === "object" && value !== null && "toJSON" in value ? value.toJSON : undefined;
  return typeof own === "function" ? own.call(value) : value;
}
