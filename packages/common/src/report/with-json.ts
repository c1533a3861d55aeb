/** A copy of what templates see as it is, but for what the function `json` prints of it. */
export function withJson(value: object, json: () => unknown): object {
  return Object.defineProperty(Array.isArray(value) ? [...value] : { ...value }, "toJSON", { value: json });
}
