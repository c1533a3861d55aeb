import { ToolError } from "@containers/common/errors/tool-error";
import type { PlatformChoice } from "../transports/transport.ts";

/** This machine's platform in Go's words. */
export function machinePlatform(): { readonly os: string; readonly architecture: string } {
  return { os: process.platform, architecture: goArchitecture(process.arch) };
}

/** `--platform OS[/ARCH[/VARIANT]]`, or the three flags; undefined when nothing was chosen. */
export function parsePlatform(flags: {
  readonly platform?: string;
  readonly os?: string;
  readonly arch?: string;
  readonly variant?: string;
}): PlatformChoice | undefined {
  if (flags.platform !== undefined && flags.platform !== "") {
    if (flags.arch || flags.os) throw new ToolError("invalid-argument", "--platform option can not be specified with --arch or --os");
    const [os, architecture, variant] = flags.platform.split("/");
    return normalize({ os: os || undefined, architecture, variant });
  }
  if (!flags.os && !flags.arch && !flags.variant) return undefined;
  return normalize({ os: flags.os || undefined, architecture: flags.arch || undefined, variant: flags.variant || undefined });
}

/** Whether what was chosen is what the image is; what was not chosen matches anything. */
export function platformMatches(
  choice: PlatformChoice,
  image: { readonly os?: string; readonly architecture?: string; readonly variant?: string },
): boolean {
  const wanted = normalize(choice);
  const actual = normalize(image);
  const same = (key: keyof PlatformChoice): boolean => wanted[key] === undefined || wanted[key] === actual[key];
  return same("os") && same("architecture") && (wanted.variant === undefined || actual.variant === undefined || same("variant"));
}

/**
 * What is to be said of an image that this machine, or what was chosen, does not expect: `image platform (linux/arm64/v8) does not match the
 * expected platform (linux/amd64)`; undefined when it fits. An image that does not say what it is for fits.
 */
export function platformMismatch(image: PlatformChoice, choice: PlatformChoice = {}): string | undefined {
  const actual = normalize(image);
  const machine = machinePlatform();
  const wanted = normalize(choice);
  const expected = { os: wanted.os ?? machine.os, architecture: wanted.architecture ?? machine.architecture, variant: wanted.variant };
  if (!actual.os || !actual.architecture) return undefined;
  // What the processor runs besides its own.
  const alsoRuns = `${expected.architecture}/${actual.architecture}`;
  if (actual.os === expected.os && (platformMatches(expected, actual) || ["amd64/386", "arm64/arm"].includes(alsoRuns))) return undefined;
  return `image platform (${platformText(actual)}) does not match the expected platform (${platformText(expected)})`;
}

function platformText({ os, architecture, variant }: PlatformChoice): string {
  return [os, architecture, ...(variant ? [variant] : [])].join("/");
}

function normalize(choice: PlatformChoice): PlatformChoice {
  return {
    os: choice.os?.toLowerCase(),
    architecture: choice.architecture === undefined ? undefined : goArchitecture(choice.architecture.toLowerCase()),
    variant: choice.variant?.toLowerCase(),
  };
}

function goArchitecture(name: string): string {
  const names: Readonly<Record<string, string>> = {
    x64: "amd64",
    x86_64: "amd64",
    aarch64: "arm64",
    ia32: "386",
    i386: "386",
    i686: "386",
    armhf: "arm",
    armel: "arm",
  };
  return names[name] ?? name;
}
