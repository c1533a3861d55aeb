import { defineFlags } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import { type EntryChanges, parseAnnotations } from "@containers/image/manifest-lists/annotate";
import { type AnyInvocation, openImages } from "../../open-ports.ts";

export const insecureFlag = defineFlags({
  insecure: { type: "bool", hidden: true, description: "neither require HTTPS nor verify certificates when accessing the registry" },
});

export const entryFlags = defineFlags({
  annotation: { type: "stringArray", valueName: "annotation", description: "set an `annotation` for the specified image or artifact" },
  arch: { type: "string", aliases: ["override-arch"], description: "override the `architecture` of the specified image or artifact" },
  features: { type: "stringSlice", description: "override the `features` of the specified image or artifact" },
  os: { type: "string", aliases: ["override-os"], description: "override the `OS` of the specified image or artifact" },
  "os-features": { type: "stringSlice", description: "override the OS `features` of the specified image or artifact" },
  "os-version": { type: "string", description: "override the OS `version` of the specified image or artifact" },
  variant: { type: "string", description: "override the `variant` of the specified image or artifact" },
});

/** @throws invalid-argument for an annotation without value */
export function entryChanges(flags: {
  readonly annotation: readonly string[];
  readonly arch?: string;
  readonly features: readonly string[];
  readonly os?: string;
  readonly osFeatures: readonly string[];
  readonly osVersion?: string;
  readonly variant?: string;
}): EntryChanges {
  return {
    annotations: listAnnotations(flags.annotation),
    architecture: flags.arch,
    features: flags.features,
    os: flags.os,
    osFeatures: flags.osFeatures,
    osVersion: flags.osVersion,
    variant: flags.variant,
  };
}

export function listAnnotations(words: readonly string[]): Readonly<Record<string, string>> | undefined {
  return parseAnnotations(words, (word) => `no "=" found in annotation "${word}"`);
}

/** The local images; `--insecure` is the old spelling of `--tls-verify=false`. */
export function openManifestImages(invocation: AnyInvocation, options: { readonly quiet?: boolean } = {}): LocalImages {
  const images = openImages(invocation, options);
  if (!invocation.given("insecure")) return images;
  if (invocation.given("tls-verify")) throw new ToolError("invalid-argument", "--insecure may not be used with --tls-verify");
  return { ...images, registry: { ...images.registry, tlsVerify: invocation.flags["insecure"] !== true } };
}
