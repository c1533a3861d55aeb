import { defineFlags, type Invocation } from "@containers/common/cli/define-command";
import { ToolError } from "@containers/common/errors/tool-error";
import type { LocalImages } from "@containers/image/local-images/local-images";
import type { EntryChanges } from "@containers/image/manifest-lists/annotate";
import { parseAnnotations } from "@containers/image/manifest-lists/annotate";

/** Docker's opposite of `--tls-verify`. */
export const insecureFlag = defineFlags({
  insecure: { type: "bool", hidden: true, description: "neither require HTTPS nor verify certificates when accessing the registry" },
});

/** What is said of an entry. */
export const entryFlags = defineFlags({
  annotation: { type: "stringArray", valueName: "annotation", description: "set an `annotation` for the specified image or artifact" },
  arch: { type: "string", description: "override the `architecture` of the specified image or artifact" },
  features: { type: "stringSlice", description: "override the `features` of the specified image or artifact" },
  os: { type: "string", description: "override the `OS` of the specified image or artifact" },
  "os-version": { type: "string", description: "override the OS `version` of the specified image or artifact" },
  variant: { type: "string", description: "override the `Variant` of the specified image or artifact" },
});

/** @throws invalid-argument for an annotation without value */
export function entryChanges(flags: {
  readonly annotation: readonly string[];
  readonly arch?: string;
  readonly features: readonly string[];
  readonly os?: string;
  readonly osFeatures?: readonly string[];
  readonly osVersion?: string;
  readonly variant?: string;
}): EntryChanges {
  return {
    annotations: parseAnnotations(flags.annotation),
    architecture: flags.arch,
    features: flags.features,
    os: flags.os,
    osFeatures: flags.osFeatures,
    osVersion: flags.osVersion,
    variant: flags.variant,
  };
}

/** The images with `--insecure` applied. */
export function withInsecure<V extends { readonly insecure: boolean }>(images: LocalImages, invocation: Invocation<V>): LocalImages {
  if (!invocation.given("insecure")) return images;
  if (invocation.given("tls-verify")) throw new ToolError("invalid-argument", "--insecure may not be used with --tls-verify");
  const registry = { ...images.registry, tlsVerify: !invocation.flags.insecure };
  return {
    ...images,
    get store() {
      return images.store;
    },
    registry,
  };
}
