import { ToolError } from "@containers/common/errors/tool-error";
import { goJson } from "../commit/go-json.ts";
import type { MergeStrategy } from "./options.ts";

type Document = Record<string, unknown>;

/** Results of scans as one, and the package URLs (purl) that are in them. */
export interface MergedScan {
  readonly sbom: Uint8Array;
  readonly purls: Uint8Array;
}

/**
 * Puts results together: one behind the other (`cat`), or as one document, to which each further one adds the components that the earlier ones do
 * not have by name and version. The first result alone is a merge, too, with itself.
 *
 * @throws ToolError corrupt for what is no such document
 */
export function mergeScans(strategy: MergeStrategy | undefined, results: readonly Uint8Array[]): MergedScan {
  if (strategy === "cat" || strategy === undefined) return { sbom: Buffer.concat(results), purls: purlDocument([]) };
  const [first = {}, ...others] = results.map(parseDocument);
  const list = strategy.includes("cyclonedx") ? "components" : "packages";
  const read = strategy.includes("cyclonedx") ? componentKey : packageKey;
  const all = [first, ...others];
  const merged: Document = { ...first };
  const components = withoutDuplicates(
    all.map((document) => listOf(document[list])),
    (one) => read(one).key,
  );
  if (components.length > 0) merged[list] = components;
  if (list === "packages") {
    const licenses = withoutDuplicates(
      all.map((document) => listOf(document["hasExtractedLicensingInfos"])),
      licenseKey,
    );
    if (licenses.length > 0) merged["hasExtractedLicensingInfos"] = licenses;
  }
  const purls = all.flatMap((document) => listOf(document[list]).map((one) => read(one).purl)).filter((purl) => purl !== "");
  return { sbom: encode(merged), purls: purlDocument(purls) };
}

/** What the first list has stays as it is, whatever is in it twice. */
function withoutDuplicates([base = [], ...others]: readonly (readonly unknown[])[], key: (one: unknown) => string): readonly unknown[] {
  const known = new Set(base.map(key));
  const added = others.flat().filter((one) => {
    const own = key(one);
    if (known.has(own)) return false;
    known.add(own);
    return true;
  });
  return [...base, ...added];
}

/** Of a component of CycloneDX. */
function componentKey(value: unknown): { readonly key: string; readonly purl: string } {
  const component = record(value, "component");
  return { key: versioned(component, "version"), purl: optionalText(component["purl"], "purl") };
}

/** Of a package of SPDX. */
function packageKey(value: unknown): { readonly key: string; readonly purl: string } {
  const one = record(value, "package");
  const references = listOf(one["externalRefs"]).filter(isRecord);
  const last = references.findLast(
    (reference) => reference["referenceCategory"] === "PACKAGE-MANAGER" && reference["referenceType"] === "purl",
  );
  return { key: versioned(one, "versionInfo"), purl: optionalText(last?.["referenceLocator"], "purl") };
}

function licenseKey(value: unknown): string {
  return isRecord(value) ? optionalText(value["licenseId"], "licenseId") : "";
}

function versioned(one: Document, versionKey: string): string {
  if (typeof one["name"] !== "string") throw new ToolError("corrupt", `merging SBOMs: no name in ${JSON.stringify(one)}`);
  const version = optionalText(one[versionKey], versionKey);
  return version === "" ? one["name"] : `${one["name"]}@${version}`;
}

function optionalText(value: unknown, what: string): string {
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw new ToolError("corrupt", `merging SBOMs: ${what} ${JSON.stringify(value)} is not a string`);
  return value;
}

function parseDocument(bytes: Uint8Array): Document {
  try {
    return record(JSON.parse(Buffer.from(bytes).toString("utf8")), "SBOM");
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError("corrupt", "decoding JSON document of a scanner", { cause: error });
  }
}

function purlDocument(purls: readonly string[]): Uint8Array {
  const dependencies = [...new Set(purls)].sort();
  return encode({ image_contents: dependencies.length === 0 ? {} : { dependencies } });
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(`${goJson(sorted(value))}\n`);
}

/** Keys in the order in which the original writes them, everywhere. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, one]) => [key, sorted(one)]),
  );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function record(value: unknown, what: string): Document {
  if (!isRecord(value)) throw new ToolError("corrupt", `merging SBOMs: ${what} ${JSON.stringify(value)} is not an object`);
  return value;
}

function isRecord(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
