import { ToolError } from "@containers/common/errors/tool-error";
import type { PullPolicy } from "@containers/image/local-images/pull-policy";

const CYCLONE_DX = "merge-cyclonedx-by-component-name-and-version";
const SPDX = "merge-spdx-by-package-name-and-versioninfo";

export type MergeStrategy = "cat" | typeof CYCLONE_DX | typeof SPDX;

/** Which programs look at the files of an image before it is committed, and where what they found goes. */
export interface SbomScan {
  /** The image that the scanners are in. */
  readonly image: string;
  readonly pull: PullPolicy;
  /** Command lines in which `{ROOTFS}`, `{CONTEXT}` and `{OUTPUT}` stand for paths. */
  readonly commands: readonly string[];
  readonly contexts: readonly string[];
  /** How results of several commands become one; without one that of the last remains, and nothing is read in it. */
  readonly mergeStrategy: MergeStrategy | undefined;
  /** Files of this machine. */
  readonly sbomOutput?: string;
  readonly purlOutput?: string;
  /** Paths in the image. */
  readonly imageSbomOutput?: string;
  readonly imagePurlOutput?: string;
}

interface Scanner {
  readonly image: string;
  readonly commands: readonly string[];
  readonly mergeStrategy: string;
}

const syft = (format: string, mergeStrategy: MergeStrategy): Scanner => ({
  image: "ghcr.io/anchore/syft",
  commands: ["{ROOTFS}", "{CONTEXT}"].map((place) => `/syft scan -q dir:${place} --output ${format}={OUTPUT}`),
  mergeStrategy,
});
const trivy = (format: string, mergeStrategy: MergeStrategy): Scanner => ({
  image: "ghcr.io/aquasecurity/trivy",
  commands: ["{ROOTFS}", "{CONTEXT}"].map((place) => `trivy filesystem -q ${place} --format ${format} --output {OUTPUT}`),
  mergeStrategy,
});

/** What `--sbom NAME` stands for. @throws ToolError invalid-argument */
export function sbomPreset(name: string): Scanner {
  switch (name) {
    case "":
    case "syft":
    case "syft-cyclonedx":
      return syft("cyclonedx-json", CYCLONE_DX);
    case "syft-spdx":
      return syft("spdx-json", SPDX);
    case "trivy":
    case "trivy-cyclonedx":
      return trivy("cyclonedx", CYCLONE_DX);
    case "trivy-spdx":
      return trivy("spdx-json", SPDX);
    default:
      throw new ToolError("invalid-argument", `parsing --sbom flag: unrecognized preset name ${JSON.stringify(name)}`);
  }
}

const FLAGS = {
  sbomOutput: "sbom-output",
  imageSbomOutput: "sbom-image-output",
  purlOutput: "sbom-purl-output",
  imagePurlOutput: "sbom-image-purl-output",
} as const;

/** What the flags of `build` and `commit` ask for; undefined when none of them is given. @throws ToolError invalid-argument */
export function sbomScan(
  flags: Readonly<Record<string, unknown>>,
  given: (flag: string) => boolean,
  use: { readonly pull: PullPolicy; readonly contexts: readonly string[] },
): SbomScan | undefined {
  const names = ["sbom", "sbom-scanner-image", "sbom-scanner-command", "sbom-merge-strategy", ...Object.values(FLAGS)];
  if (!names.some(given)) return undefined;
  const preset = sbomPreset(text(flags["sbom"]));
  const commands = Array.isArray(flags["sbomScannerCommand"]) ? flags["sbomScannerCommand"].map(String) : [];
  const own = { image: text(flags["sbomScannerImage"]), commands, mergeStrategy: text(flags["sbomMergeStrategy"]) };
  const scanner = own.image === "" && commands.length === 0 && own.mergeStrategy === "" ? preset : own;
  if (scanner.image === "" || scanner.commands.length === 0)
    throw new ToolError(
      "invalid-argument",
      'sbom configuration missing one or more of ("--sbom-scanner-image" or "--sbom-scanner-command")',
    );
  const outputs = Object.fromEntries(
    Object.entries({
      sbomOutput: text(flags["sbomOutput"]),
      imageSbomOutput: text(flags["sbomImageOutput"]),
      purlOutput: text(flags["sbomPurlOutput"]),
      imagePurlOutput: text(flags["sbomImagePurlOutput"]),
    }).filter(([, path]) => path !== ""),
  );
  if (Object.keys(outputs).length === 0) {
    const listed = Object.values(FLAGS).map((name) => JSON.stringify(`--${name}`));
    throw new ToolError("invalid-argument", `sbom configuration missing one or more of (${listed.slice(0, 3).join(", ")} or ${listed[3]})`);
  }
  return { image: scanner.image, commands: scanner.commands, mergeStrategy: mergeStrategy(scanner), ...use, ...outputs };
}

function mergeStrategy({ commands, mergeStrategy: name }: Scanner): MergeStrategy | undefined {
  if (commands.length > 1 && name === "")
    throw new ToolError(
      "invalid-argument",
      'sbom configuration included multiple "--sbom-scanner-command" values but no "--sbom-merge-strategy" value',
    );
  if (name !== "cat" && name !== CYCLONE_DX && name !== SPDX)
    throw new ToolError("invalid-argument", `sbom arguments included unrecognized merge strategy ${JSON.stringify(name)}`);
  return name;
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
