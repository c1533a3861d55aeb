import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readKubeDocuments } from "./documents.ts";
import { readAs } from "./fields.ts";
import { configMapSchema, podSchema, secretSchema, workloadSchema } from "./pod-schema.ts";

const folder = join(import.meta.dirname, "testfiles");

/** Each `NAME.yaml` is read as the documents in `NAME.json`; for a bad one that file holds the message. */
describe("kube files", () => {
  it.each(readdirSync(folder).filter((name) => name.endsWith(".yaml")))("%s", (name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const expected: unknown = JSON.parse(readFileSync(join(folder, name.replace(/yaml$/, "json")), "utf8"));
    if (typeof expected === "string") expect(() => read(text)).toThrow(expected);
    else expect(read(text)).toEqual(expected);
  });
});

function read(text: string): unknown {
  return readKubeDocuments(text).map((document) => {
    const schema =
      { Pod: podSchema, Deployment: workloadSchema, ConfigMap: configMapSchema, Secret: secretSchema }[document.kind] ?? undefined;
    const content = schema === undefined ? document.content : readAs(document, schema, `Kube ${document.kind}`);
    return JSON.parse(JSON.stringify({ kind: document.kind, content: withoutEmpty(content) }));
  });
}

/** Lists and maps that the file does not have are left out, to keep what is expected short. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value)
    .map(([key, item]) => [key, withoutEmpty(item)] as const)
    .filter(([, item]) => item !== undefined && !(typeof item === "object" && item !== null && Object.keys(item).length === 0));
  return Object.fromEntries(kept);
}
