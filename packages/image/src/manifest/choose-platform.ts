import { ToolError } from "@containers/common/errors/tool-error";
import { instanceCompression } from "./instance-compression.ts";
import type { Descriptor, ManifestList, Platform } from "./manifest.ts";

export interface WantedPlatform {
  readonly os?: string;
  readonly architecture?: string;
  readonly variant?: string;
}

/** Variants from the most capable to the most compatible; a machine runs its own and all that follow. */
const VARIANTS: Readonly<Record<string, readonly string[]>> = { arm: ["v8", "v7", "v6", "v5"], arm64: ["v8"] };

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };

/** This machine's architecture, in the field's spelling. */
export function hostArchitecture(arch: string = process.arch): string {
  return ARCHITECTURES[arch] ?? arch;
}

/** The platforms that would do, best first. */
export function wantedPlatforms(choice: WantedPlatform = {}): readonly Platform[] {
  const architecture = choice.architecture === undefined || choice.architecture === "" ? hostArchitecture() : choice.architecture;
  const os = choice.os === undefined || choice.os === "" ? "linux" : choice.os;
  return variantsOf(architecture, choice.variant ?? "").map((variant) => ({ os, architecture, ...(variant === "" ? {} : { variant }) }));
}

/** The list's entry for the wanted platform (default: this machine), of several the one whose layers are zstd's. Throws not-found, naming the platform. */
export function choosePlatform(list: ManifestList, choice: WantedPlatform = {}): Descriptor {
  const wanted = wantedPlatforms(choice);
  for (const platform of wanted) {
    const fitting = list.manifests.filter(
      (entry) => entry.platform !== undefined && matches(entry.platform, platform) && !isAttestation(entry),
    );
    const match = fitting.find((entry) => instanceCompression(entry) === "zstd") ?? fitting[0];
    if (match !== undefined) return match;
  }
  // An index may hold one image without saying for which platform it is.
  const unlabelled = list.manifests.find((entry) => entry.platform === undefined);
  if (unlabelled !== undefined) return unlabelled;
  const first = wanted[0];
  throw new ToolError(
    "not-found",
    `no image found in ${list.mediaType.includes("oci") ? "image index" : "manifest list"} for architecture ${JSON.stringify(first?.architecture ?? "")}, variant ${JSON.stringify(choice.variant ?? "")}, OS ${JSON.stringify(first?.os ?? "")}`,
    { code: "no-such-platform" },
  );
}

function variantsOf(architecture: string, wanted: string): readonly string[] {
  const order = VARIANTS[architecture];
  if (wanted === "") return ["", ...(order ?? [])];
  const from = order?.indexOf(wanted) ?? -1;
  return [...(order !== undefined && from >= 0 ? order.slice(from) : [wanted]), ""];
}

function matches(entry: Platform, wanted: Platform): boolean {
  return entry.os === wanted.os && entry.architecture === wanted.architecture && (entry.variant ?? "") === (wanted.variant ?? "");
}

/** BuildKit lists its attestations beside the images; they are not to be run. */
function isAttestation(entry: Descriptor): boolean {
  return entry.annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
}
