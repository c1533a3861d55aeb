import { ToolError } from "@containers/common/errors/tool-error";
import { parseAllDocuments, type ScalarTag } from "yaml";

/** One object of a kube file, as read: its fields are checked by whoever uses them. */
export interface KubeDocument {
  readonly kind: string;
  readonly content: Readonly<Record<string, unknown>>;
}

/** Kinds that need what the other documents make, and so come last. */
const WORKLOADS = new Set(["Pod", "Deployment", "DaemonSet", "Job"]);

/** File modes are written with a leading zero, which YAML 1.2 takes for decimal. */
const octal: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?0[0-7]+$/,
  resolve: (text) => Number.parseInt(text, 8),
};

/**
 * The objects of a YAML stream in the order in which they are to be made: what pods need comes before them. Lists are taken apart.
 * @throws ToolError invalid-argument
 */
export function readKubeDocuments(text: string): KubeDocument[] {
  const found = splitDocuments(text).flatMap((content) => {
    const kind = typeof content["kind"] === "string" ? content["kind"] : "";
    if (kind !== "List") return [{ kind, content }];
    const items: readonly unknown[] = Array.isArray(content["items"]) ? content["items"] : [];
    return items.filter(isRecord).map((item) => ({ kind: typeof item["kind"] === "string" ? item["kind"] : "", content: item }));
  });
  const workloads = found.filter(({ kind }) => WORKLOADS.has(kind));
  return [...found.filter(({ kind }) => !WORKLOADS.has(kind)).reverse(), ...workloads];
}

function splitDocuments(text: string): Record<string, unknown>[] {
  const documents = parseAllDocuments(text, { merge: true, customTags: (tags) => [octal, ...tags] });
  const list = Array.isArray(documents) ? documents : [];
  return list.flatMap((document) => {
    const [error] = document.errors;
    if (error !== undefined)
      throw new ToolError("invalid-argument", `multi doc yaml could not be split: yaml: ${error.message.split("\n")[0]}`);
    const content: unknown = document.toJS();
    if (content === null || content === undefined) return [];
    if (!isRecord(content)) throw new ToolError("invalid-argument", "couldn't get object kind: the document is no mapping");
    return [content];
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
