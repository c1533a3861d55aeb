import { expect, test } from "vitest";
import { mergeScans } from "./merge.ts";
import { sbomScan } from "./options.ts";

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const text = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as unknown;

test("components of CycloneDX are added by name and version", () => {
  const merged = mergeScans("merge-cyclonedx-by-component-name-and-version", [
    json({ bomFormat: "CycloneDX", components: [{ name: "b", version: "1", purl: "pkg:b@1" }, { name: "a" }] }),
    json({
      components: [
        { name: "b", version: "1", purl: "pkg:other" },
        { name: "b", version: "2", purl: "pkg:b@2" },
      ],
    }),
  ]);
  expect(text(merged.sbom)).toEqual({
    bomFormat: "CycloneDX",
    components: [{ name: "b", version: "1", purl: "pkg:b@1" }, { name: "a" }, { name: "b", version: "2", purl: "pkg:b@2" }],
  });
  expect(text(merged.purls)).toEqual({ image_contents: { dependencies: ["pkg:b@1", "pkg:b@2", "pkg:other"] } });
});

test("packages and licences of SPDX are added", () => {
  const reference = { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: "pkg:deb/x" };
  const merged = mergeScans("merge-spdx-by-package-name-and-versioninfo", [
    json({ packages: [{ name: "x", externalRefs: [reference] }] }),
    json({
      packages: [{ name: "x" }, { name: "y", versionInfo: "3" }],
      hasExtractedLicensingInfos: [{ licenseId: "L" }, { licenseId: "L" }],
    }),
  ]);
  expect(text(merged.sbom)).toEqual({
    packages: [
      { name: "x", externalRefs: [reference] },
      { name: "y", versionInfo: "3" },
    ],
    hasExtractedLicensingInfos: [{ licenseId: "L" }],
  });
  expect(text(merged.purls)).toEqual({ image_contents: { dependencies: ["pkg:deb/x"] } });
});

test("cat puts one behind the other; what is no document is refused by the others", () => {
  expect(Buffer.from(mergeScans("cat", [Buffer.from("a\n"), Buffer.from("b\n")]).sbom).toString()).toBe("a\nb\n");
  expect(() => mergeScans("merge-cyclonedx-by-component-name-and-version", [Buffer.from("{")])).toThrow("decoding JSON document");
  expect(() => mergeScans("merge-cyclonedx-by-component-name-and-version", [json({ components: [1] })])).toThrow("is not an object");
});

test("flags are settled by a preset, or by their own", () => {
  const scan = (flags: Record<string, unknown>) =>
    sbomScan(flags, (flag) => flags[flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())] !== undefined, {
      pull: "missing",
      contexts: ["."],
    });
  expect(scan({})).toBeUndefined();
  expect(scan({ sbom: "trivy-spdx", sbomOutput: "x" })).toMatchObject({ image: "ghcr.io/aquasecurity/trivy", sbomOutput: "x" });
  expect(() => scan({ sbom: "nothing" })).toThrow('unrecognized preset name "nothing"');
  expect(() => scan({ sbom: "syft" })).toThrow("missing one or more of");
  expect(() => scan({ sbomScannerImage: "x", sbomOutput: "x" })).toThrow('"--sbom-scanner-command"');
  const commands = { sbomScannerImage: "x", sbomScannerCommand: ["a", "b"], sbomOutput: "x" };
  expect(() => scan(commands)).toThrow("multiple");
  expect(() => scan({ ...commands, sbomMergeStrategy: "z" })).toThrow('unrecognized merge strategy "z"');
});
